// Ed25519 (RFC 8032, 5.1.7): by the browser where it can, else written out here. Only public
// values are handled, so that the time taken tells nothing.

const P = (1n << 255n) - 19n;
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

// Points are [X, Y, Z, T] with x = X/Z, y = Y/Z, xy = T/Z (5.1.4).
function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, point) {
  let result = [0n, 1n, 1n, 0n];
  for (let s = scalar, q = point; s; s >>= 1n, q = plus(q, q)) if (s & 1n) result = plus(result, q);
  return result;
}

const numberOf = (bytes) => bytes.reduceRight((n, byte) => (n << 8n) | BigInt(byte), 0n);

function pointOf(bytes) {
  const n = numberOf(bytes);
  const sign = n >> 255n;
  const y = n & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(v * x * x) !== u || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function bytesOf([x, y, z]) {
  const inverse = power(z, P - 2n);
  let n = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n);
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(n & 255n);
    n >>= 8n;
    return byte;
  });
}

const BASE = pointOf(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

function verifiesHere(key, signature, message) {
  const a = signature.length === 64 && pointOf(key);
  const s = numberOf(signature.subarray(32));
  if (!a || s >= ORDER) return false;
  const r = signature.subarray(0, 32);
  const k = numberOf(sha512(joined(r, key, message))) % ORDER;
  const [x, y, z, t] = times(k, a);
  return same(bytesOf(plus(times(s, BASE), [mod(-x), y, z, mod(-t)])), r);
}

async function verifiesByBrowser(key, signature, message) {
  const handle = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", handle, signature, message);
}

// RFC 8032, 7.1, test 1: what the browser answers here tells whether it can be asked at all.
const TRIAL = [
  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555" +
    "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  "",
].map((hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16)));

const browserCan = verifiesByBrowser(...TRIAL).catch(() => false);

async function verifies(key, signature, message) {
  if (signature.length !== 64) return false;
  if (!(await browserCan)) return verifiesHere(key, signature, message);
  return verifiesByBrowser(key, signature, message).catch(() => false);
}
