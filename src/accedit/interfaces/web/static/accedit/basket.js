/* The basket: files go up two at a time as soon as they are chosen or dropped, each with its own
   progress; what has arrived is safe in the basket whatever becomes of this page. Without this
   script the same forms work by themselves. */
"use strict";
(() => {
  const drop = document.getElementById("envoi");
  const form = document.getElementById("panier");
  if (!drop || !form) return;
  const input = document.getElementById("fichiers");
  const list = document.getElementById("liste");
  const panel = document.getElementById("transferts");
  const rows = document.getElementById("transferts-liste");
  const summary = document.getElementById("transferts-tout");
  const share = document.getElementById("transferts-part");
  const token = drop.querySelector("[name=csrfmiddlewaretoken]").value;
  const AT_ONCE = 2;
  const transfers = [];
  let begun = 0;

  for (const one of document.querySelectorAll(".with-js")) one.hidden = false;
  for (const one of document.querySelectorAll(".without-js")) one.hidden = true;

  const size = (bytes) => {
    const units = ["octets", "Ko", "Mo", "Go", "To"];
    let value = bytes;
    let rank = 0;
    while (value >= 999.5 && rank < units.length - 1) {
      value /= 1000;
      rank += 1;
    }
    const shown = rank && value < 9.95 ? value.toFixed(1).replace(".", ",").replace(",0", "") : String(Math.round(value));
    return `${shown}\u00a0${units[rank]}`;
  };
  const duration = (seconds) => {
    if (!Number.isFinite(seconds)) return "";
    if (seconds < 60) return "moins d’une minute";
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return `environ ${minutes} min`;
    return `environ ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  };
  const plural = (count, word) => `${count} ${word}${count >= 2 ? "s" : ""}`;
  const identifier = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const tell = (transfer, words, wrong) => {
    transfer.words.textContent = words;
    transfer.words.className = wrong ? "error" : "small soft";
  };

  const byName = new Intl.Collator("fr", { numeric: true });
  function add(files) {
    for (const file of files.sort((one, other) => byName.compare(one.name, other.name))) {
      const row = document.createElement("li");
      const name = document.createElement("strong");
      const words = document.createElement("p");
      const bar = document.createElement("progress");
      const again = document.createElement("button");
      name.textContent = file.name;
      bar.max = Math.max(file.size, 1);
      bar.value = 0;
      bar.setAttribute("aria-label", `Envoi de ${file.name}`);
      again.type = "button";
      again.className = "second small-button";
      again.textContent = "Réessayer";
      again.hidden = true;
      const leave = document.createElement("button");
      leave.type = "button";
      leave.className = "link";
      leave.textContent = "Laisser de côté";
      leave.hidden = true;
      const acts = document.createElement("div");
      acts.className = "inline";
      acts.append(again, leave);
      row.append(name, words, bar, acts);
      rows.append(row);
      const transfer = { file, row, words, bar, again, leave, sent: 0, state: "waiting", upload: identifier() };
      again.addEventListener("click", () => {
        transfer.state = "waiting";
        transfer.sent = 0;
        again.hidden = true;
        leave.hidden = true;
        bar.hidden = false;
        tell(transfer, "En attente");
        next();
      });
      leave.addEventListener("click", () => {
        transfers.splice(transfers.indexOf(transfer), 1);
        row.remove();
        panel.hidden = transfers.length === 0;
        report();
      });
      tell(transfer, `${size(file.size)}, en attente`);
      transfers.push(transfer);
    }
    if (transfers.length) panel.hidden = false;
    next();
  }

  function next() {
    const going = transfers.filter((one) => one.state === "going").length;
    const waiting = transfers.filter((one) => one.state === "waiting");
    for (const transfer of waiting.slice(0, AT_ONCE - going)) send(transfer);
    report();
  }

  function send(transfer) {
    if (!begun) begun = performance.now();
    transfer.state = "going";
    const request = new XMLHttpRequest();
    request.open("POST", drop.action);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("X-File-Name", encodeURIComponent(transfer.file.name));
    request.setRequestHeader("X-Upload-Id", transfer.upload);
    request.upload.addEventListener("progress", (event) => {
      transfer.sent = event.loaded;
      transfer.bar.value = event.loaded;
      tell(transfer, `${size(event.loaded)} sur ${size(transfer.file.size)}`);
      report();
    });
    request.addEventListener("load", () => {
      if (request.status === 200 || request.status === 201) arrived(transfer, request);
      else failed(transfer, sentence(request));
    });
    request.addEventListener("error", () => failed(transfer, "La connexion a été coupée : ce fichier n’est pas arrivé en entier. Réessayez ; les autres sont gardés."));
    request.addEventListener("abort", () => failed(transfer, "L’envoi de ce fichier a été interrompu."));
    request.send(transfer.file);
  }

  function sentence(request) {
    try {
      const said = JSON.parse(request.responseText);
      if (said.detail) return said.detail;
    } catch {
      /* not a sentence for people */
    }
    if (request.status === 401 || request.status === 403) return "Votre session a pris fin. Reconnectez-vous dans un autre onglet, puis réessayez : rien n’est perdu.";
    return "Le serveur n’a pas pu prendre ce fichier. Réessayez ; les autres sont gardés.";
  }

  async function arrived(transfer, request) {
    try {
      transfer.item = JSON.parse(request.responseText).id;
    } catch {
      /* it takes its place at the end */
    }
    transfer.state = "done";
    transfer.sent = transfer.file.size;
    await refresh();
    transfer.row.remove();
    next();
  }

  function failed(transfer, words) {
    transfer.state = "failed";
    transfer.bar.hidden = true;
    transfer.again.hidden = false;
    transfer.leave.hidden = false;
    tell(transfer, words, true);
    next();
  }

  function report() {
    const alive = transfers.filter((one) => one.state !== "failed");
    const failures = transfers.length - alive.length;
    const done = alive.filter((one) => one.state === "done").length;
    const total = alive.reduce((sum, one) => sum + one.file.size, 0);
    const sent = alive.reduce((sum, one) => sum + Math.min(one.sent, one.file.size), 0);
    const seconds = (performance.now() - begun) / 1000;
    const rate = seconds > 1 ? sent / seconds : 0;
    const words = [`${plural(done, "fichier")} arrivé${done >= 2 ? "s" : ""} sur ${alive.length}`];
    if (done < alive.length) {
      words.push(`${size(sent)} sur ${size(total)}`);
      if (rate) words.push(`${size(rate)} par seconde`, `reste ${duration((total - sent) / rate)}`);
      words.push("gardez cette page ouverte");
    }
    if (failures) words.push(`${plural(failures, "fichier")} à réessayer`);
    summary.textContent = `${words.join(" · ")}.`;
    share.max = Math.max(total, 1);
    share.value = done === alive.length ? share.max : sent;
    share.hidden = done === alive.length;
    if (done === alive.length && !failures) begun = 0;
  }

  /* New files join the list; what is typed in the others stays. */
  let refreshing = false;
  let stale = false;
  async function refresh() {
    stale = true;
    if (refreshing) return;
    refreshing = true;
    while (stale) {
      stale = false;
      try {
        const answer = await fetch(form.action, { headers: { Accept: "text/html" }, credentials: "same-origin" });
        if (!answer.ok) break;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const item of page.querySelectorAll("#liste > [data-item]")) {
          if (!list.querySelector(`[data-item="${item.dataset.item}"]`)) place(ready(document.importNode(item, true)));
        }
        counted();
      } catch {
        /* the list is made anew when the page is loaded */
      }
    }
    refreshing = false;
  }

  /* Files arrive two at a time; the list keeps the order in which they were chosen. */
  function place(item) {
    const rank = (one) => transfers.findIndex((transfer) => transfer.item === one.dataset.item);
    const mine = rank(item);
    const later = [...list.children].find((one) => rank(one) > mine);
    if (mine >= 0 && later) later.before(item);
    else list.append(item);
  }

  /* « suivant : 3 » follows the order of the list, as the server will number it. */
  function renumbered() {
    const free = [...list.querySelectorAll("input[name^=number-]")].filter((one) => !one.value.trim());
    const next = free.map((one) => Number(one.placeholder.replace(/\D/g, ""))).sort((one, other) => one - other);
    free.forEach((one, rank) => {
      one.placeholder = `suivant : ${next[rank]}`;
    });
  }

  function counted() {
    renumbered();
    const items = [...list.children];
    const total = items.reduce((sum, item) => sum + Number(item.dataset.size), 0);
    document.getElementById("panier-compte").textContent = plural(items.length, "fichier");
    document.getElementById("panier-taille").textContent = items.length ? `(${size(total)})` : "";
    document.getElementById("panier-vide").hidden = items.length > 0;
    document.getElementById("panier-agir").hidden = items.length === 0;
  }

  /* Order by dragging; the two buttons move without a new page. The server reads the order of the fields. */
  let dragged = null;
  function ready(item) {
    item.draggable = true;
    return item;
  }
  for (const item of list.children) ready(item);
  list.addEventListener("dragstart", (event) => {
    if (event.target.matches("input")) return;
    dragged = event.target.closest("[data-item]");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-item]");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  list.addEventListener("dragend", () => {
    dragged = null;
    renumbered();
  });
  list.addEventListener("focusin", (event) => {
    if (event.target.matches("input")) event.target.closest("[data-item]").draggable = false;
  });
  list.addEventListener("focusout", (event) => {
    if (event.target.matches("input")) event.target.closest("[data-item]").draggable = true;
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[value]");
    const [act] = button ? button.value.split(":") : [""];
    if (act !== "up" && act !== "down") return;
    event.preventDefault();
    const item = button.closest("[data-item]");
    const other = act === "up" ? item.previousElementSibling : item.nextElementSibling;
    if (other) other[act === "up" ? "before" : "after"](item);
    renumbered();
    button.focus();
  });

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  drop.addEventListener("submit", (event) => {
    event.preventDefault();
    add([...input.files]);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      if (dragged) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  /* A file dropped beside the zone must not replace the page. */
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => {
    if (!dragged) event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => {
    if (transfers.some((one) => one.state === "going" || one.state === "waiting")) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.value === "continue" && transfers.some((one) => one.state === "going" || one.state === "waiting")) {
      event.preventDefault();
      summary.textContent = "Des fichiers sont encore en route : attendez qu’ils soient arrivés, puis continuez.";
      summary.scrollIntoView({ block: "center" });
    }
  });
})();
