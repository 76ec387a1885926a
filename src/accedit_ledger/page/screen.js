// What the person sees. Nothing is sent, nothing is kept: the page holds the files while it is open.

const at = (id) => document.getElementById(id);
const UNPRINTABLE =
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const printable = (text) => text.replace(UNPRINTABLE, "\ufffd");

function frenchHour(text) {
  let hour;
  try {
    hour = parseHour(text);
  } catch {
    return text;
  }
  const parts = new Intl.DateTimeFormat("fr-FR", {
    timeZone: "Europe/Paris", day: "numeric", month: "long", year: "numeric",
    hour: "numeric", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(hour);
  const of = (type) => parts.find((part) => part.type === type).value;
  const day = of("day") === "1" ? "1er" : of("day");
  const clock = `${Number(of("hour"))} h ${of("minute")} min ${of("second")} s`;
  return `${day} ${of("month")} ${of("year")} à ${clock} (heure de Paris)`;
}

function element(name, text, className) {
  const node = document.createElement(name);
  node.textContent = printable(text);
  if (className) node.className = className;
  return node;
}

function frenchHourOr(value) {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? frenchHour(value) : null;
}

function factsOf(verdict) {
  const kind = verdict.claims.get("kind");
  const hour = verdict.received_at;
  const facts = [
    ["Nature", Object.hasOwn(KINDS, kind) ? KINDS[kind] : kind],
    ["Nom du fichier", verdict.claims.get("name")],
    ["Intitulé", verdict.claims.get("title")],
    ["Partie", said(verdict.claims.get("side"), "name")],
    ["Pièce n°", said(verdict.claims.get("piece_number"), "label")],
    ["Déposé par", verdict.depositor],
    ["Pour", said(verdict.claims.get("on_behalf_of"), "name")],
    ["Reçu le", hour && frenchHour(hour)],
    ["Déposé le", frenchHourOr(verdict.claims.get("deposited_at"))],
    ["Délai", verdict.claims.get("late") === true ? "hors délai : à l’expert d’apprécier" : null],
    ["Empreinte SHA-256", verdict.sha256],
    ["Journal", verdict.origin],
    ["Place", `entrée ${verdict.index}, la première étant 0, sur ${verdict.size}`],
    ["Clé", `${verdict.key.name}, empreinte ${verdict.key.fingerprint}`],
  ];
  return facts.filter(([, value]) => typeof value === "string");
}

function stateOf(verdict) {
  if (!verdict.valid || verdict.file_matches === false) return "refuse";
  return verdict.key_trusted ? "verifie" : "a-comparer";
}

const TITLES = {
  "verifie": "Vérifié",
  "a-comparer": "Intègre, clé à comparer",
  "refuse": "Refusé",
};

function show(verdict) {
  const state = stateOf(verdict);
  const otherFile = verdict.valid && verdict.file_matches === false;
  const nodes = [element("h2", otherFile ? "Ce n’est pas le fichier inscrit" : TITLES[state])];
  if (!verdict.valid) nodes.push(element("p", WORDS.REFUSED));
  if (verdict.key_trusted) {
    nodes.push(element("p", WORDS.TRUSTED.replace("{key}", () => verdict.key.name)));
  }
  for (const reason of verdict.reasons) nodes.push(element("p", reason));
  if (verdict.file_matches) nodes.push(element("p", WORDS.MATCHES));
  if (verdict.valid) {
    nodes.push(element("p", verdict.key_trusted ? WORDS.THEREFORE : WORDS.SAYS));
    const list = element("dl", "");
    for (const [name, value] of factsOf(verdict)) list.append(element("dt", name), element("dd", value));
    nodes.push(list);
  }
  at("verdict").replaceChildren(...nodes);
  at("verdict").dataset.state = state;
}

function say(sentence) {
  at("verdict").replaceChildren(element("p", sentence));
  at("verdict").dataset.state = "attente";
}

let turn = 0; // a later choice overtakes a slow reading

async function check() {
  const mine = ++turn;
  const receipt = at("receipt").files[0];
  if (!receipt) return say("Choisissez d’abord un récépissé.");
  const tell = (part) => {
    if (mine === turn && part < 1) say(`Lecture de la pièce : ${Math.floor(part * 100)} %`);
  };
  try {
    const start = receipt.slice(0, MAX_ARCHIVE + 1); // enough to know that it is too large
    const bytes = new Uint8Array(await start.arrayBuffer());
    const entries = at("key").value.split("\n").filter((line) => line.trim());
    const verdict = await verify(bytes, at("piece").files[0] || null, entries, tell);
    if (mine === turn) show(verdict);
  } catch {
    if (mine === turn) say("Un des fichiers n’a pas pu être lu. Choisissez-le de nouveau.");
  }
}

at("old").remove();
for (const id of ["receipt", "piece"]) at(id).addEventListener("change", check);
at("key").addEventListener("input", check);
