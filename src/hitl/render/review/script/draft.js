/* What a reviewer has said so far, and how it is kept: in this browser at every change, in a file when asked. */
const hitlDraft = (() => {
  const FORMAT = "hitl/draft/v1";
  const facts = document.body.dataset;
  const KEY = `hitl-review/${facts.review}/${facts.reviewer}/${facts.packet}`;
  const empty = () => ({
    format: FORMAT, review_id: facts.review, reviewer: facts.reviewer, packet_digest: facts.packet,
    votes: {}, fields: {}, seconds: {}, asked: {}, later: {}, saves: {}, undo: [], ballot: null,
  });

  const isOurs = (given) =>
    given !== null && typeof given === "object" && given.format === FORMAT &&
    given.review_id === facts.review && given.reviewer === facts.reviewer && given.packet_digest === facts.packet;
  const whole = (given) => {
    const found = empty();
    for (const [name, value] of Object.entries(given)) {
      if (name in found && (found[name] === null || (value !== null && typeof value === typeof found[name] && Array.isArray(value) === Array.isArray(found[name])))) found[name] = value;
    }
    for (const [id, vote] of Object.entries(found.votes)) if (!Array.isArray(vote?.marks)) delete found.votes[id];
    return found;
  };
  const read = (text) => {
    try {
      const given = JSON.parse(text);
      return isOurs(given) ? whole(given) : null;
    } catch { return null; }
  };

  /* Every keeping has a mark of its own: a window that slept through another's may not write its old state over it. */
  const MARK = `${KEY}/mark`;
  let mark = null;
  const isStale = () => {
    try { return localStorage.getItem(MARK) !== mark; } catch { return false; }
  };
  const load = () => {
    try {
      mark = localStorage.getItem(MARK);
      return read(localStorage.getItem(KEY)) ?? empty();
    } catch { return empty(); }
  };
  const keep = (state) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
      const next = String(Math.random());
      localStorage.setItem(MARK, next);
      mark = next;
      return true;
    } catch { return false; }
  };
  const offer = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  /* Another window of the same packet: what it keeps is taken over, so that neither overwrites the other. */
  const onElsewhere = (act) => addEventListener("storage", (event) => {
    const found = event.key === KEY && event.newValue ? read(event.newValue) : null;
    if (found) act(load());
  });
  return { load, keep, isStale, read, offer, onElsewhere };
})();
