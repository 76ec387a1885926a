// The formats of a receipt, each with one spelling: whatever our writer would not have written is
// refused. The twin of accedit_ledger's archive, base64s, canonical, leaf, note, checkpoint,
// tlog_proof and proofs: same rules, same names.

const MAX_ARCHIVE = 1024 * 1024, MAX_MEMBERS = 16, MAX_NOTE = 128 * 1024, MAX_SIGNATURES = 16;
const MAX_PROOF = MAX_NOTE + 16 * 1024, MAX_PATH = 63, MAX_LEAF = 4096, PADDED = 24, MAX_DEPTH = 32;

function require(condition) {
  if (!condition) throw new RangeError("refused");
}

const decode = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const encode = (text) => new TextEncoder().encode(text);
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

// base64s.py

const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  require(toBase64(bytes) === text);
  return bytes;
}

const toUrl = (bytes) => toBase64(bytes).replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");

function fromUrl(text) {
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  const bytes = fromBase64(text.replace(/-/g, "+").replace(/_/g, "/") + padding);
  require(toUrl(bytes) === text);
  return bytes;
}

// canonical.py (RFC 8785)

function canonical(value, depth = 0) {
  require(depth <= MAX_DEPTH);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    require(!/\p{Surrogate}/u.test(value));
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    require(Number.isSafeInteger(value));
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const member = (name) => `${canonical(name, depth + 1)}:${canonical(value[name], depth + 1)}`;
  return `{${Object.keys(value).sort().map(member).join(",")}}`;
}

function parseCanonical(bytes) {
  const text = decode(bytes);
  const value = JSON.parse(text);
  require(canonical(value) === text);
  return value;
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const hasMembers = (value, names) => isObject(value) && Object.keys(value).sort().join() === names;

// archive.py

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
const crc32 = (bytes) => ~bytes.reduce((crc, byte) => (crc >>> 8) ^ CRC[(crc ^ byte) & 255], -1);

function fields(...pairs) {
  const bytes = new Uint8Array(pairs.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const [size, value] of pairs) {
    if (size === 2) view.setUint16(place, value, true);
    else view.setUint32(place, value, true);
    place += size;
  }
  return bytes;
}

function pack(members) {
  const body = [], directory = [];
  let offset = 0, directorySize = 0;
  for (const [name, data] of members) {
    const raw = encode(name);
    const shape = [
      [2, 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, crc32(data)], [4, data.length],
      [4, data.length], [2, raw.length], [2, 0],
    ];
    const central = [[4, 0x02014b50], [2, 20], ...shape, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]];
    directory.push(fields(...central), raw);
    body.push(fields([4, 0x04034b50], ...shape), raw, data);
    offset += 30 + raw.length + data.length;
    directorySize += 46 + raw.length;
  }
  const end = fields(
    [4, 0x06054b50], [2, 0], [2, 0], [2, members.size], [2, members.size], [4, directorySize],
    [4, offset], [2, 0],
  );
  return joined(...body, ...directory, end);
}

function unpack(bytes) {
  require(bytes.length <= MAX_ARCHIVE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const members = new Map();
  let place = 0;
  while (place + 30 <= bytes.length && view.getUint32(place, true) === 0x04034b50) {
    require(members.size < MAX_MEMBERS);
    const size = view.getUint32(place + 22, true);
    const start = place + 30 + view.getUint16(place + 26, true);
    const name = decode(bytes.subarray(place + 30, start));
    require(/^[A-Za-z0-9.-]{1,64}$/.test(name) && !members.has(name));
    members.set(name, bytes.subarray(start, start + size));
    place = start + size;
  }
  require(same(pack(members), bytes));
  return members;
}

// leaf.py

function parseHour(text) {
  require(/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text));
  const hour = new Date(text);
  require(hour.toISOString() === text);
  return hour;
}

function requireDigest(text) {
  require(typeof text === "string" && fromUrl(text).length === 32);
}

function readLeaf(bytes) {
  require(bytes.length <= MAX_LEAF);
  const leaf = parseCanonical(bytes);
  require(hasMembers(leaf, "a,i,log,sd,t,v") && leaf.v === "ev1");
  require(typeof leaf.log === "string" && isOrigin(leaf.log));
  require(Number.isInteger(leaf.i) && leaf.i >= 0 && leaf.i < Number.MAX_SAFE_INTEGER);
  require(typeof leaf.t === "string");
  parseHour(leaf.t);
  if (leaf.a !== null) requireDigest(leaf.a);
  require(Array.isArray(leaf.sd) && leaf.sd.length === PADDED);
  leaf.sd.forEach(requireDigest);
  require(leaf.sd.every((digest, i) => i === 0 || leaf.sd[i - 1] < digest));
  return { log: leaf.log, index: leaf.i, digests: new Set(leaf.sd), hash: leafHash(bytes) };
}

function openingOf(row) {
  require(Array.isArray(row) && row.length === 3);
  const [salt, claim, value] = row;
  require(typeof salt === "string" && typeof claim === "string" && fromUrl(salt).length === 32);
  const disclosure = toUrl(encode(canonical([salt, claim, value])));
  return { claim, value, digest: toUrl(sha256(encode(disclosure))) };
}

// origin.py, note.py and checkpoint.py

const isOrigin = (text) => /^[\x21-\x2a\x2c-\x7e]{1,255}$/.test(text);
const WORDS_OF_NAME =
  "[^\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff+]{1,255}";
const NAME = new RegExp(`^${WORDS_OF_NAME}$`, "u");
const LINE = new RegExp(`^\u2014 (${WORDS_OF_NAME}) ([A-Za-z0-9+/]+={0,2})$`, "u");

function parseKey(text) {
  const [name, id] = text.split("+", 2);
  require(id !== undefined && NAME.test(name));
  const bytes = fromBase64(text.slice(name.length + id.length + 2));
  require(bytes.length === 33 && bytes[0] === 1);
  const keyId = hexOf(sha256(encode(name + "\n"), bytes).subarray(0, 4));
  require(keyId === id && text[name.length + 1 + id.length] === "+");
  const digits = hexOf(sha256(encode(text))).slice(0, 32);
  const fingerprint = digits.match(/..../g).join(" ");
  return { text, name, id, digits, fingerprint, public: bytes.subarray(1) };
}

function speaksFor(key, origin) {
  const domain = key.name.split("/")[0];
  return origin === `${domain}/platform` || origin.startsWith(`${domain}/e/`);
}

function parseNote(note) {
  require(encode(note).length <= MAX_NOTE && !/[\x00-\x09\x0b-\x1f\x7f]/.test(note));
  const gap = note.lastIndexOf("\n\n");
  require(gap > 0 && note.endsWith("\n"));
  const lines = note.slice(gap + 2).slice(0, -1).split("\n");
  require(lines.length <= MAX_SIGNATURES);
  const signatures = lines.map((line) => {
    const match = LINE.exec(line);
    require(match);
    const bytes = fromBase64(match[2]);
    require(bytes.length > 4);
    return { name: match[1], id: hexOf(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
  });
  require(new Set(signatures.map(({ name, id }) => `${name} ${id}`)).size === signatures.length);
  return { text: note.slice(0, gap + 1), signatures };
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  require(lines.length === 4 && lines[3] === "" && isOrigin(lines[0]));
  require(/^[1-9][0-9]{0,15}$/.test(lines[1]) && Number.isSafeInteger(Number(lines[1])));
  const root = fromBase64(lines[2]);
  require(root.length === 32);
  return { origin: lines[0], size: Number(lines[1]), root };
}

// tlog_proof.py, tree.py and proofs.py

function parseProof(bytes) {
  require(bytes.length <= MAX_PROOF);
  const text = decode(bytes);
  const gap = text.indexOf("\n\n");
  require(gap > 0);
  const [header, extra, place, ...hashes] = text.slice(0, gap).split("\n");
  require(header === "c2sp.org/tlog-proof@v1" && extra && extra.startsWith("extra "));
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(place);
  require(index && Number.isSafeInteger(Number(index[1])) && hashes.length <= MAX_PATH);
  const leaf = fromBase64(extra.slice(6));
  const path = hashes.map(fromBase64);
  require(leaf.length <= MAX_LEAF && path.every((hash) => hash.length === 32));
  return { leaf, index: Number(index[1]), path, note: text.slice(gap + 2) };
}

const leafHash = (bytes) => sha256(Uint8Array.of(0), bytes);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
const half = (n) => Math.floor(n / 2); // not >>, which keeps 32 bits

function verifyInclusion({ index, size, leaf, path, root }) {
  require(index < size);
  let place = index, last = size - 1, current = leaf;
  for (const sibling of path) {
    require(last !== 0);
    if (place % 2 || place === last) {
      current = nodeHash(sibling, current);
      while (place % 2 === 0 && place) [place, last] = [half(place), half(last)];
    } else {
      current = nodeHash(current, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  require(last === 0 && same(current, root));
}
