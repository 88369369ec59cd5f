/* The packet without a server: one item at a time, saved, undone, timed, and in the end signed. */
(() => {
  const facts = document.body.dataset;
  const idle = Number(facts.idle);
  const places = Array.from(document.querySelectorAll(".item-place"));
  const forms = places.map((place) => place.querySelector("form"));
  const byId = (id) => document.getElementById(id);
  const idOf = (at) => forms[at].dataset.item;
  let state = hitlDraft.load();
  let now = -1;

  const say = (words) => { byId("said").textContent = words; };
  const complain = (lines, title = "Not saved") => {
    const box = byId("problems");
    box.hidden = lines.length === 0;
    box.querySelector("h2").textContent = title;
    box.querySelector("ul").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    if (lines.length) box.focus();
  };
  /* Until the next one that succeeds: whoever reads that an item is saved must read beside it that it is not kept. */
  let isUnkept = false;
  const keep = () => {
    isUnkept = !hitlDraft.keep(state);
    byId("unkept").hidden = !isUnkept;
  };
  /* Before anything is changed: what another window kept while this one slept comes first. */
  const catchUp = () => {
    if (!hitlDraft.isStale()) return;
    state = hitlDraft.load();
    draw();
    if (state.ballot) showLock();
  };

  /* Time: a gap between two signs of life counts up to the limit; what follows the last sign of an item that was left does not. */
  let last = 0;
  const alive = () => {
    if (now < 0 || state.ballot) return;
    const moment = performance.now();
    const gap = Math.min(Math.max((moment - last) / 1000, 0), idle);
    state.seconds[idOf(now)] = (state.seconds[idOf(now)] ?? 0) + gap;
    last = moment;
  };
  for (const kind of ["keydown", "pointermove", "pointerdown", "wheel", "input"]) addEventListener(kind, alive, { passive: true, capture: true });
  addEventListener("scroll", alive, { passive: true, capture: true });

  /* A text that is no text (half of a pair of UTF-16 units) could be signed by nobody. */
  const sound = (text) => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
  const fieldsOf = (form) => Object.fromEntries(Array.from(new FormData(form), ([name, value]) => [name, sound(String(value))]));
  const sidesOf = (form) => ["A", "B"].filter((side) => form.elements[`action_${side}`]);
  const voteOf = (at) => {
    const form = forms[at], said = fieldsOf(form), id = idOf(at);
    const marks = sidesOf(form).map((side) => {
      const isFine = said[`action_${side}`] === "approve";
      return {
        side,
        action: said[`action_${side}`] ?? null,
        category: isFine ? null : said[`category_${side}`] || null,
        severity: isFine ? null : said[`severity_${side}`] || null,
        right_answer: isFine ? "" : said[`right_answer_${side}`] ?? "",
      };
    });
    return {
      item_id: id, marks, preference: said.preference ?? null, reason: said.reason ?? "",
      decided_at: new Date().toISOString(), seconds: Math.round((state.seconds[id] ?? 0) * 1000) / 1000,
      saw_confidence: Boolean(state.asked[id]), revisions: state.saves[id] ?? 0,
    };
  };
  const problemsOf = (vote, form) => {
    const lines = [];
    for (const mark of vote.marks) {
      if (!mark.action) lines.push(`say what you would do with output ${mark.side}`);
      if ((mark.action === "modify" || mark.action === "reject") && !mark.category && !vote.reason.trim())
        lines.push(`say what is wrong with output ${mark.side}: choose a category or write a reason`);
    }
    if (form.elements.preference && vote.preference === null) lines.push("say which output is better, or that they are equally good");
    return lines;
  };

  const fill = (at) => {
    const form = forms[at], said = state.fields[idOf(at)] ?? {};
    for (const field of form.elements) {
      if (!field.name || field.type === "submit" || field.type === "button") continue;
      const value = typeof said[field.name] === "string" ? said[field.name] : "";
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
    hitlKeys.sum(form);
  };
  const summary = (vote) => {
    const parts = vote.marks.map((mark) => `${mark.side} ${mark.action}`);
    if (vote.preference) parts.push(vote.preference === "tie" ? "equally good" : `prefers ${vote.preference}`);
    return parts.join(", ");
  };
  const draw = () => {
    const isLocked = Boolean(state.ballot);
    const n = places.filter((_, at) => state.votes[idOf(at)]).length;
    byId("n-done").textContent = String(n);
    byId("progress").value = n;
    places.forEach((place, at) => {
      const id = idOf(at), vote = state.votes[id], row = byId("items").children[at];
      place.querySelector(".tag").hidden = !vote;
      place.querySelector("[data-do=prev]").disabled = at === 0;
      place.querySelector("[data-do=next]").disabled = at === places.length - 1;
      for (const told of place.querySelectorAll(".told")) told.hidden = !state.asked[id];
      place.querySelector("[data-do=confidence]").hidden = Boolean(state.asked[id]);
      for (const field of forms[at].elements) if (field.matches("input[name], select, textarea, [data-do=save], [data-do=later]")) field.disabled = isLocked;
      place.querySelector("[data-do=undo]").disabled = isLocked || state.undo.length === 0;
      row.querySelector(".shape-of").textContent = vote ? "●" : state.later[id] ? "◐" : "○";
      row.querySelector(".summary").textContent = vote ? summary(vote) : state.later[id] ? "put off" : "open";
    });
    const left = places.length - n;
    byId("go-on").hidden = isLocked || left === 0;
    byId("lock-form").hidden = isLocked;
    byId("locked").hidden = !isLocked;
    byId("blanks-box").hidden = left === 0;
    byId("blanks-words").textContent = `Leave ${left} ${left === 1 ? "item" : "items"} without my vote`;
    byId("lock-count").textContent = `${n} of ${places.length} items have your vote. A blank is missing: it is never read as a tie or an approval.`;
  };

  const showOnly = (one) => {
    for (const part of [...places, byId("list"), byId("lock")]) part.hidden = part !== one;
    complain([]);
    scrollTo(0, 0);
    one.querySelector("h1").focus({ preventScroll: true });
  };
  const leave = () => {
    now = -1;
    if (hitlDraft.isStale()) state = hitlDraft.load();
    draw();
    keep();
  };
  const open = (at) => {
    now = at;
    last = performance.now();
    fill(at);
    draw();
    showOnly(places[at]);
  };
  const showList = () => { leave(); showOnly(byId("list")); };
  const showLock = () => { leave(); showOnly(byId("lock")); };
  const goOn = (from) => {
    const order = places.map((_, at) => at).filter((at) => !state.votes[idOf(at)]);
    const fresh = order.filter((at) => !state.later[idOf(at)]);
    const next = fresh.find((at) => at > from) ?? fresh[0] ?? order.find((at) => at !== from) ?? order[0];
    if (next === undefined) showLock();
    else open(next);
  };

  const save = () => {
    catchUp();
    if (state.ballot) return;
    const at = now, id = idOf(at);
    alive();
    const vote = voteOf(at), lines = problemsOf(vote, forms[at]);
    if (lines.length) return complain(lines);
    state.undo.push({ item: id, vote: state.votes[id] ?? null });
    state.votes[id] = vote;
    state.saves[id] = (state.saves[id] ?? 0) + 1;
    delete state.later[id];
    keep();
    goOn(at);
    say(`Item ${at + 1} is saved.`);
  };
  const later = () => {
    catchUp();
    if (state.ballot) return;
    const at = now, id = idOf(at);
    alive();
    if (!state.votes[id]) state.later[id] = true;
    keep();
    goOn(at);
    say(`Item ${at + 1} is put off.`);
  };
  const undo = () => {
    catchUp();
    if (state.ballot) return;
    const step = state.undo.pop();
    if (!step) return;
    const at = forms.findIndex((form) => form.dataset.item === step.item);
    if (step.vote) state.votes[step.item] = step.vote;
    else delete state.votes[step.item];
    keep();
    open(at);
    say(`The last save of item ${at + 1} is taken back.`);
  };
  const ask = () => {
    catchUp();
    if (now < 0) return;
    state.asked[idOf(now)] = true;
    keep();
    draw();
  };

  const lock = async () => {
    catchUp();
    if (state.ballot) return;
    const token = byId("token").value.trim();
    const blank = places.filter((_, at) => !state.votes[idOf(at)]).length;
    if (!globalThis.crypto?.subtle) return complain(["this browser cannot sign here; open the file from your disk in a current browser"], "Not locked");
    const lines = [];
    if (!await hitlSigning.isTokenOf(token, facts.review, facts.token)) lines.push("this is not your access token; type the one of your invitation");
    if (blank && !byId("accept-blanks").checked) lines.push(`${blank} ${blank === 1 ? "item has" : "items have"} no vote: vote on what is left, or confirm that it stays blank`);
    if (lines.length) return complain(lines, "Not locked");
    const votes = forms.map((form) => state.votes[form.dataset.item]).filter(Boolean).sort((one, other) => (one.item_id < other.item_id ? -1 : 1));
    /* A clock that was set back must not put the lock before a vote. */
    const lockedAt = [new Date().toISOString(), ...votes.map((vote) => vote.decided_at)].sort().at(-1);
    const ballot = {
      format: "hitl/ballot/v1", review_id: facts.review, reviewer: facts.reviewer, role: facts.role,
      packet_digest: facts.packet, locked_at: lockedAt, votes,
    };
    try {
      state.ballot = await hitlSigning.signed(ballot, token);
    } catch {
      return complain(["this browser knows no Ed25519 signatures; save your draft to a file and load it in Chrome 137, Firefox 130, Safari 17 or newer"], "Not locked");
    }
    byId("token").value = "";
    keep();
    showLock();
    say("Locked and signed. Download the ballot and send it back.");
  };

  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    event.preventDefault();
    if (event.target.id === "lock-form") lock();
    else if (!state.ballot) save();
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    switch (button.dataset.do) {
      case "later": return later();
      case "undo": return undo();
      case "confidence": return ask();
      case "prev": return open(now - 1);
      case "next": return open(now + 1);
    }
    if (button.dataset.go) open(Number(button.dataset.go));
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form.item");
    if (!form) return;
    catchUp();
    if (state.ballot) return;
    state.fields[form.dataset.item] = fieldsOf(form);
    keep();
  });
  byId("show-list").addEventListener("click", showList);
  byId("show-lock").addEventListener("click", showLock);
  byId("go-on").addEventListener("click", () => goOn(-1));
  byId("save-draft").addEventListener("click", () => hitlDraft.offer(`${facts.reviewer}-draft.json`, JSON.stringify(state)));
  byId("download").addEventListener("click", () => hitlDraft.offer(`${facts.reviewer}.json`, `${hitlCanonical(state.ballot)}\n`));
  byId("load-draft").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    const found = file ? hitlDraft.read(await file.text()) : null;
    event.target.value = "";
    catchUp();
    if (state.ballot) return complain(["your votes are locked and signed; a draft can no longer change them"], "Not loaded");
    if (!found) return complain(["this is no draft of this packet; choose the file that “Save draft to a file” wrote here"], "Not loaded");
    state = found;
    keep();
    showList();
    say("The draft is loaded.");
  });
  hitlDraft.onElsewhere((found) => {
    state = found;
    draw();
    if (now >= 0) fill(now);
    say("Another window of this packet has saved; this one shows the same now.");
  });
  addEventListener("pagehide", () => { if (!hitlDraft.isStale()) keep(); });
  addEventListener("pageshow", (event) => { if (event.persisted) catchUp(); });
  addEventListener("beforeunload", (event) => { if (isUnkept && !state.ballot) event.preventDefault(); });

  hitlKeys.listen(() => (now < 0 ? null : places[now]));
  if (state.ballot) showLock();
  else if (Object.keys(state.votes).length) showList();
  else goOn(-1);
})();
