// The twin of receipt.py: the same checks in the same order, the same sentences (WORDS comes from
// there). Whatever the bytes are, the answer is a verdict.

const MEMBERS = "piece.json,acts.tlog-proof,cles.txt,verifier.html,LISEZMOI.txt";

class Refused extends Error {}

function step(sentence, check) {
  try {
    return check();
  } catch {
    throw new Refused(sentence);
  }
}

function readEntry(bytes) {
  const proof = step(WORDS.PROOF, () => parseProof(bytes));
  const { note, checkpoint } = step(WORDS.NOTE, () => {
    const note = parseNote(proof.note);
    return { note, checkpoint: parseCheckpoint(note.text) };
  });
  const leaf = step(WORDS.LEAF, () => readLeaf(proof.leaf));
  step(WORDS.PLACE, () => {
    require(leaf.log === checkpoint.origin && leaf.index === proof.index);
    require(leaf.log.endsWith("/acts"));
  });
  step(WORDS.PATH, () => {
    const { index, path } = proof;
    verifyInclusion({ index, size: checkpoint.size, leaf: leaf.hash, path, root: checkpoint.root });
  });
  return { proof, note, checkpoint, leaf };
}

function readClaims(bytes, leaf) {
  const openings = step(WORDS.CLAIMS, () => {
    const piece = parseCanonical(bytes);
    require(hasMembers(piece, "claims,v") && piece.v === "re1");
    require(Array.isArray(piece.claims) && piece.claims.length <= PADDED);
    return piece.claims.map(openingOf);
  });
  const claims = new Map(openings.map(({ claim, value }) => [claim, value]));
  step(WORDS.CLAIMS, () => require(claims.size === openings.length && claims.has("kind")));
  step(WORDS.DISCLOSURE, () => require(openings.every(({ digest }) => leaf.digests.has(digest))));
  return claims;
}

function readKeys(bytes) {
  return step(WORDS.KEYS, () => {
    const lines = decode(bytes).split("\n");
    require(lines.pop() === "" && lines.length > 0 && lines.length <= 16);
    return lines.map(parseKey);
  });
}

class Known {
  constructor(entries) {
    this.keys = [];
    this.digits = new Set();
    this.allReadable = true;
    for (const entry of entries) {
      const digits = entry.replace(/\s/g, "").toLowerCase();
      if (/^[0-9a-f]{32}$/.test(digits)) {
        this.digits.add(digits);
        continue;
      }
      try {
        this.keys.push(parseKey(entry.trim()));
      } catch {
        this.allReadable = false;
      }
    }
  }

  trusts(key) {
    return this.digits.has(key.digits) || this.keys.some(({ text }) => text === key.text);
  }

  doubts(key) {
    if (this.trusts(key)) return [];
    const fill = (words) =>
      words.replace("{name}", () => key.name).replace("{fingerprint}", () => key.fingerprint);
    const impostor = this.keys.some(({ name }) => name === key.name);
    return [...(impostor ? [fill(WORDS.IMPOSTOR)] : []), fill(WORDS.TO_COMPARE)];
  }
}

async function findSigner({ note, checkpoint }, joinedKeys, known) {
  const message = encode(note.text);
  const speaking = [];
  for (const key of [...known.keys, ...joinedKeys]) {
    for (const { name, id, bytes } of note.signatures) {
      if (name !== key.name || id !== key.id) continue;
      if (!(await verifies(key.public, bytes, message))) throw new Refused(WORDS.SIGNATURE);
      if (speaksFor(key, checkpoint.origin)) speaking.push(key);
    }
  }
  if (!speaking.length) throw new Refused(WORDS.SIGNATURE);
  return speaking.find((key) => known.trusts(key)) || speaking[0];
}

async function hashFile(file, tell) {
  const hash = new Sha256();
  const part = 4 * 1024 * 1024;
  for (let place = 0; place < file.size; place += part) {
    hash.update(new Uint8Array(await file.slice(place, place + part).arrayBuffer()));
    tell(Math.min(1, (place + part) / file.size));
  }
  return hexOf(hash.digest());
}

// An object of the claims, or the text itself: see Verdict in verdict.py.
function said(claim, member) {
  const value = isObject(claim) && Object.hasOwn(claim, member) ? claim[member] : claim;
  return typeof value === "string" ? value : null;
}

async function verify(bytes, file, entries, tell = () => {}) {
  const verdict = {
    valid: false, key_trusted: false, file_matches: null, origin: null, index: null, size: null,
    received_at: null, depositor: null, sha256: null, key_id: null, reasons: [],
  };
  const known = new Known(entries);
  const warnings = known.allReadable ? [] : [WORDS.UNREADABLE_KEY];
  let entry, claims, key;
  try {
    const members = step(WORDS.ARCHIVE, () => unpack(bytes));
    step(WORDS.MEMBER, () => require([...members.keys()].join() === MEMBERS));
    entry = readEntry(members.get("acts.tlog-proof"));
    claims = readClaims(members.get("piece.json"), entry.leaf);
    key = await findSigner(entry, readKeys(members.get("cles.txt")), known);
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    return { ...verdict, reasons: [refusal.message, ...warnings], claims: new Map(), key: null };
  }
  const digest = claims.get("sha256");
  Object.assign(verdict, {
    valid: true,
    key_trusted: known.trusts(key),
    origin: entry.checkpoint.origin,
    index: entry.proof.index,
    size: entry.checkpoint.size,
    received_at: said(claims.get("received_at"), "last"),
    depositor: said(claims.get("depositor"), "name"),
    sha256: typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) ? digest : null,
    key_id: key.id,
    reasons: [...known.doubts(key), ...warnings],
    claims,
    key,
  });
  if (!file) return verdict;
  verdict.file_matches = verdict.sha256 !== null && (await hashFile(file, tell)) === verdict.sha256;
  if (verdict.sha256 === null) verdict.reasons.push(WORDS.NO_FILE);
  else if (!verdict.file_matches) verdict.reasons.push(WORDS.OTHER_FILE);
  return verdict;
}
