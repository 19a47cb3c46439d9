import { expect, test } from "vitest";
import type { Actor } from "../actor.js";
import { inState, machineOf, max, now, otto, person, rita } from "../fixtures/small.js";
import type { Machine } from "../machine.js";
import type { Snapshot } from "../snapshot.js";
import { readMapping, type MappingSource } from "./mapping.js";
import { migrate, type MigrationRequest } from "./plan.js";

const loan = (states: string): Machine => machineOf(`weft: 1\nkey: loan\nname: Loan\ninitial: draft\nstates:\n${states}`);
const draft = "  draft: { transitions: { submit: { to: review }, drop: { to: refused } } }\n";
const ends = "  done: { final: completed }\n  refused: { final: rejected }\n";
const approve = "approve: { to: approved, allow: { notSameAs: [owner, draft.submit] } }";
const rest = `  approved: { transitions: { pay: { to: done, allow: { notSameAs: review.approve } } } }\n${ends}`;
const strict = loan(`${draft}  review: { transitions: { ${approve}, refuse: { to: refused } } }\n${rest}`);

/** Rita owns it, Otto has submitted it for her. */
const inReview = inState("review", { data: {}, doneBy: { "draft.submit": ["otto"] } });
type Try = {
  readonly snapshot?: Snapshot;
  readonly mapping?: MappingSource;
  readonly more?: Partial<MigrationRequest>;
  readonly from?: Machine;
};
const attempt = (to: Machine, actor: Actor, { snapshot = inReview, mapping, more, from = strict }: Try = {}) => {
  const read = readMapping(mapping, from, to);
  expect(read.problems).toEqual([]);
  return migrate({ from, to, mapping: read.mapping }, { ...snapshot, openTasks: [] }, { actor, now, definitionId: "new", ...more });
};
const codes = (...args: Parameters<typeof attempt>): string[] => {
  const verdict = attempt(...args);
  return verdict.fits ? [] : verdict.problems.map(({ code }) => code);
};

test("a version with the same rules, more of them, or other states before and behind them fits", () => {
  expect(codes(strict, rita)).toEqual([]);
  const stricter = rest.replace("review.approve", "[review.approve, owner]");
  expect(codes(loan(`${draft}  review: { transitions: { ${approve} } }\n${stricter}`), rita)).toEqual([]);
  const longer = `${draft}  review: { transitions: { ask: { to: asked }, ${approve} } }\n  asked: { transitions: { answer: { to: review } } }\n${rest}`;
  expect(codes(loan(longer), rita)).toEqual([]);
});

test("a version without the rule is weaker, for whoever took part", () => {
  const without = loan(`${draft}  review: { transitions: { approve: { to: approved } } }\n${rest}`);
  for (const actor of [rita, otto]) expect(codes(without, actor)).toContain("WEAKER_RULES");
  // Who took no part learns of it too: it is theirs to accept.
  expect(codes(without, max)).toContain("WEAKER_RULES");
});

test("so is one that excludes one of two people only, or only in one of several alternatives", () => {
  const ownerAlone = loan(`${draft}  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner] } } } }\n${rest}`);
  expect(codes(ownerAlone, rita, { mapping: {} })).toContain("WEAKER_RULES");
  const either = "approve: { to: approved, allow: { any: [{ notSameAs: [owner, draft.submit] }, { roles: [manager] }] } }";
  expect(codes(loan(`${draft}  review: { transitions: { ${either} } }\n${rest}`), rita)).toContain("WEAKER_RULES");
});

test("so is one with a detour, by hand or by itself, or under another condition", () => {
  const detours = [
    `  review: { transitions: { ${approve}, aside: { to: aside } } }\n  aside: { transitions: { on: { to: approved } } }\n`,
    `  review: { transitions: { ${approve}, aside: { to: aside } } }\n  aside: { transitions: { on: { to: approved, auto: true } } }\n`,
    `  review: { transitions: { ${approve}, end: { to: finished } } }\n  finished: { final: completed }\n`,
    `  review: { transitions: { ${approve}, end: { to: paid } } }\n  paid: { onEntry: [{ emit: { type: loan.paid } }], transitions: { on: { to: refused } } }\n`,
  ];
  for (const states of detours) expect(codes(loan(draft + states + rest), rita)).toContain("WEAKER_RULES");
  const data = "data: { properties: { amount: { type: number } } }\n";
  const small = (most: number) =>
    machineOf(
      `weft: 1\nkey: loan\nname: Loan\n${data}initial: draft\nstates:\n${draft}  review: { transitions: { ${approve}, small: { to: approved, when: "data.amount < ${most}" } } }\n${rest}`,
    );
  expect(codes(small(10), rita, { from: small(10) })).toEqual([]);
  expect(codes(small(1000), rita, { from: small(10) })).toContain("WEAKER_RULES");
});

test("another name for the guarded state hides nothing, whatever the mapping claims", () => {
  const renamed = `${draft}  review: { transitions: { approve: { to: granted }, rest: { to: limbo } } }\n  granted: { transitions: { pay: { to: done } } }\n  limbo: { transitions: { on: { to: refused } } }\n${ends}`;
  expect(codes(loan(renamed), rita)).toContain("WEAKER_RULES");
  const claims = { states: [{ from: "approved", to: "limbo" }] };
  expect(codes(loan(renamed), rita, { mapping: claims })).toContain("WEAKER_RULES");
});

test("nobody who took part takes an instance past the rule by a mapping", () => {
  const without = loan(`${draft}  review: { transitions: { approve: { to: approved } } }\n${rest}`);
  expect(codes(without, rita, { mapping: { states: [{ from: "review", to: "approved" }] } })).toContain("WEAKER_RULES");
});

test("a second round is not weaker because the first has been decided", () => {
  const again = (allow: string) =>
    loan(
      `${draft}  review: { transitions: { approve: { to: approved${allow} } } }\n  approved: { transitions: { again: { to: draft }, pay: { to: done } } }\n${ends}`,
    );
  const before = again(", allow: { notSameAs: owner }");
  expect(codes(again(""), rita, { from: before, snapshot: inState("approved", { data: {} }) })).toContain("WEAKER_RULES");
});

test("a step that was done and that notSameAs references is mapped when it has another name", () => {
  const renamed = loan(
    `  draft: { transitions: { send: { to: review }, drop: { to: refused } } }\n  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner, draft.send] } } } }\n${rest}`,
  );
  expect(codes(renamed, max)).toEqual(expect.arrayContaining(["UNMAPPED_STEP", "WEAKER_RULES"]));
  const mapping = { steps: [{ from: "draft.submit", to: "draft.send" }] };
  const verdict = attempt(renamed, rita, { mapping });
  expect(verdict).toMatchObject({ fits: true, plan: { outcomes: [{ doneBy: { "draft.send": ["otto"] } }], accepted: [] } });
  expect(readMapping({ steps: [{ from: "draft.sumbit", to: "draft.submit" }] }, strict, renamed).problems.map(({ path }) => path)).toEqual([
    "steps.0.from",
    "steps.0.to",
  ]);
});

test("whoever took no part can accept it, with a reason that the history keeps; whoever did cannot", () => {
  const without = loan(`${draft}  review: { transitions: { approve: { to: approved } } }\n${rest}`);
  const more = { acceptWeakerRules: "The board has decided so" };
  for (const actor of [rita, otto, { ...max, onBehalfOf: "rita" }]) expect(codes(without, actor, { more })).toContain("WEAKER_RULES");
  expect(codes(without, max, { more: { ...more, involved: ["max"] } })).toContain("WEAKER_RULES");
  const member = { ...person("nina"), principals: { userIds: ["nina"], teamIds: ["night"], vendorId: null } };
  expect(codes(without, member, { more: { ...more, involved: ["night"] } })).toContain("WEAKER_RULES");
  expect(attempt(without, max, { more })).toMatchObject({
    fits: true,
    plan: { outcomes: [{ input: { weakerRules: { reason: more.acceptWeakerRules } } }], accepted: [{ code: "WEAKER_RULES" }] },
  });
});

test("a version without any separation of duties has none to lose", () => {
  const free = loan(
    `${draft}  review: { transitions: { approve: { to: approved } } }\n  approved: { transitions: { pay: { to: done } } }\n${ends}`,
  );
  const other = loan(`${draft}  review: { transitions: { end: { to: done } } }\n${ends}`);
  expect(codes(other, rita, { from: free })).toEqual([]);
});

/** A version whose draft has these steps beside `submit`, and an instance in review. */
const crowded = (steps: readonly string[], doneBy: Record<string, string[]>) => {
  const names = steps.map((step) => `${step}: { to: draft }`).join(", ");
  const version = (excluded: readonly string[]): Machine =>
    loan(
      `  draft: { transitions: { submit: { to: review }, drop: { to: refused }, ${names} } }\n  review: { transitions: { approve: { to: approved, allow: { notSameAs: [${excluded.join(", ")}] } }, back: { to: draft } } }\n  approved: { transitions: { pay: { to: done } } }\n${ends}`,
    );
  return { version, snapshot: inState("review", { data: {}, doneBy }) };
};

test("of many people who took the same part one is judged, and the last of all is not left out", () => {
  const crowd = Array.from({ length: 300 }, (_, nth) => `person-${nth}`);
  const { version, snapshot } = crowded(["check"], { "draft.submit": crowd, "draft.check": ["zoe"] });
  const from = version(["owner", "draft.submit", "draft.check"]);
  expect(codes(from, max, { from, snapshot })).toEqual([]);
  expect(codes(version(["owner", "draft.submit"]), max, { from, snapshot })).toContain("WEAKER_RULES");
});

test("where people took more different parts than can be compared, the new version counts as weaker", () => {
  const steps = Array.from({ length: 8 }, (_, nth) => `s${nth}`);
  const doneBy = Object.fromEntries(
    steps.map((step, bit) => [
      `draft.${step}`,
      Array.from({ length: 128 }, (_, nth) => nth).flatMap((nth) => ((nth >> bit) & 1 ? [`p${nth}`] : [])),
    ]),
  );
  const { version, snapshot } = crowded(steps, doneBy);
  const from = version(["owner", ...steps.map((step) => `draft.${step}`)]);
  expect(codes(from, max, { from, snapshot })).toContain("WEAKER_RULES");
});
