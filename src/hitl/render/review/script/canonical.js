/* Canonical JSON (RFC 8785): keys in the order of their UTF-16 units, numbers and strings as JSON.stringify writes them. */
const hitlCanonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(hitlCanonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const parts = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${hitlCanonical(value[key])}`);
    return `{${parts.join(",")}}`;
  }
  return JSON.stringify(value);
};
