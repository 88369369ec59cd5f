/* From a token to a signed ballot, as review/tokens.py and review/ballot.py do it. The token is never kept. */
const hitlSigning = (() => {
  const PKCS8_OF_A_SEED = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const derived = async (token, review, purpose) => {
    const key = await crypto.subtle.importKey("raw", bytes(token), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return crypto.subtle.sign("HMAC", key, bytes(`hitl/${purpose}/${review}`));
  };
  const isTokenOf = async (token, review, digest) =>
    hex(await crypto.subtle.digest("SHA-256", await derived(token, review, "known"))) === digest;
  const signingKey = async (token, review) => {
    const seed = new Uint8Array(await derived(token, review, "sign"));
    return crypto.subtle.importKey("pkcs8", new Uint8Array([...PKCS8_OF_A_SEED, ...seed]), { name: "Ed25519" }, false, ["sign"]);
  };

  /* Throws what a browser throws that knows no Ed25519; the caller puts it into words. */
  const signed = async (ballot, token) => {
    const whole = { ...ballot, share: hex(await derived(token, ballot.review_id, "share")) };
    const key = await signingKey(token, ballot.review_id);
    const signature = hex(await crypto.subtle.sign("Ed25519", key, bytes(hitlCanonical(whole))));
    return { ...whole, signature };
  };
  return { isTokenOf, signed };
})();
