import { expect, test } from "vitest";
import type { Actor } from "../model/actor.js";
import { inState, machineOf, max, now, otto, person, rita } from "../fixtures/small.js";
import type { Machine } from "../model/machine.js";
import type { Snapshot } from "../model/snapshot.js";
import { readMapping, type MappingSource } from "./mapping.js";
import { migrate, type MigrationRequest } from "./plan.js";

const loan = (states: string): Machine => machineOf(`weft: 1\nkey: loan\nname: Loan\ninitial: draft\nstates:\n${states}`);
const draft = "  draft: { transitions: { submit: { to: review }, drop: { to: refused } } }\n";
const ends = "  done: { final: completed }\n  refused: { final: rejected }\n";
const approve = "approve: { to: approved, allow: { notSameAs: [owner, draft.submit] } }";
const rest = `  approved: { transitions: { pay: { to: done, allow: { notSameAs: review.approve } } } }\n${ends}`;
const strict = loan(`${draft}  review: { transitions: { ${approve}, refuse: { to: refused } } }\n${rest}`);

/** Rita owns it; Otto has submitted it for her. */
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
  return migrate(
    { from, to, mapping: read.mapping },
    { ...snapshot, openTasks: [], isClosed: false },
    { actor, now, definitionId: "new", ...more },
  );
};
const codes = (...args: Parameters<typeof attempt>): string[] => {
  const result = attempt(...args);
  return result.fits ? [] : result.problems.map(({ code }) => code);
};

test("a version with the same rules, more rules, or other states before and after them is compatible", () => {
  expect(codes(strict, rita)).toEqual([]);
  const stricter = rest.replace("review.approve", "[review.approve, owner]");
  expect(codes(loan(`${draft}  review: { transitions: { ${approve} } }\n${stricter}`), rita)).toEqual([]);
  const longer = `${draft}  review: { transitions: { ask: { to: asked }, ${approve} } }\n  asked: { transitions: { answer: { to: review } } }\n${rest}`;
  expect(codes(loan(longer), rita)).toEqual([]);
});

test("a version without the rule is weaker for every user who took part", () => {
  const without = loan(`${draft}  review: { transitions: { approve: { to: approved } } }\n${rest}`);
  for (const actor of [rita, otto]) expect(codes(without, actor)).toContain("WEAKER_RULES");
  // A user who took no part also sees the problem, and can accept it.
  expect(codes(without, max)).toContain("WEAKER_RULES");
});

test("a version that excludes only one of two users, or only in one of several alternatives, is weaker", () => {
  const ownerAlone = loan(`${draft}  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner] } } } }\n${rest}`);
  expect(codes(ownerAlone, rita, { mapping: {} })).toContain("WEAKER_RULES");
  const either = "approve: { to: approved, allow: { any: [{ notSameAs: [owner, draft.submit] }, { roles: [manager] }] } }";
  expect(codes(loan(`${draft}  review: { transitions: { ${either} } }\n${rest}`), rita)).toContain("WEAKER_RULES");
});

test("a version with a manual or automatic detour, or with another condition, is weaker", () => {
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

test("renaming the guarded state does not hide the change, whatever the mapping claims", () => {
  const renamed = `${draft}  review: { transitions: { approve: { to: granted }, rest: { to: limbo } } }\n  granted: { transitions: { pay: { to: done } } }\n  limbo: { transitions: { on: { to: refused } } }\n${ends}`;
  expect(codes(loan(renamed), rita)).toContain("WEAKER_RULES");
  const claims = { states: [{ from: "approved", to: "limbo" }] };
  expect(codes(loan(renamed), rita, { mapping: claims })).toContain("WEAKER_RULES");
});

test("no user who took part can use a mapping to take an instance past the rule", () => {
  const without = loan(`${draft}  review: { transitions: { approve: { to: approved } } }\n${rest}`);
  expect(codes(without, rita, { mapping: { states: [{ from: "review", to: "approved" }] } })).toContain("WEAKER_RULES");
});

test("a version without the rule is weaker for a second round even if the first round has been decided", () => {
  const again = (allow: string) =>
    loan(
      `${draft}  review: { transitions: { approve: { to: approved${allow} } } }\n  approved: { transitions: { again: { to: draft }, pay: { to: done } } }\n${ends}`,
    );
  const before = again(", allow: { notSameAs: owner }");
  expect(codes(again(""), rita, { from: before, snapshot: inState("approved", { data: {} }) })).toContain("WEAKER_RULES");
});

test("a completed step that notSameAs references must be mapped if it has another name", () => {
  const renamed = loan(
    `  draft: { transitions: { send: { to: review }, drop: { to: refused } } }\n  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner, draft.send] } } } }\n${rest}`,
  );
  expect(codes(renamed, max)).toEqual(expect.arrayContaining(["UNMAPPED_STEP", "WEAKER_RULES"]));
  const mapping = { steps: [{ from: "draft.submit", to: "draft.send" }] };
  const result = attempt(renamed, rita, { mapping });
  expect(result).toMatchObject({ fits: true, plan: { outcomes: [{ doneBy: { "draft.send": ["otto"] } }], accepted: [] } });
  expect(readMapping({ steps: [{ from: "draft.sumbit", to: "draft.submit" }] }, strict, renamed).problems.map(({ path }) => path)).toEqual([
    "steps.0.from",
    "steps.0.to",
  ]);
});

test("users who took no part can accept a weaker version with a reason that is kept in the history, and users who took part cannot", () => {
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

test("a version without separation of duties has none to lose", () => {
  const free = loan(
    `${draft}  review: { transitions: { approve: { to: approved } } }\n  approved: { transitions: { pay: { to: done } } }\n${ends}`,
  );
  const other = loan(`${draft}  review: { transitions: { end: { to: done } } }\n${ends}`);
  expect(codes(other, rita, { from: free })).toEqual([]);
});

/** A version whose draft has these steps in addition to `submit`, and an instance in review. */
const withManySteps = (steps: readonly string[], doneBy: Record<string, string[]>) => {
  const names = steps.map((step) => `${step}: { to: draft }`).join(", ");
  const version = (excluded: readonly string[]): Machine =>
    loan(
      `  draft: { transitions: { submit: { to: review }, drop: { to: refused }, ${names} } }\n  review: { transitions: { approve: { to: approved, allow: { notSameAs: [${excluded.join(", ")}] } }, back: { to: draft } } }\n  approved: { transitions: { pay: { to: done } } }\n${ends}`,
    );
  return { version, snapshot: inState("review", { data: {}, doneBy }) };
};

test("of many users who took the same part only one is compared, and the last user is not skipped", () => {
  const many = Array.from({ length: 300 }, (_, nth) => `person-${nth}`);
  const { version, snapshot } = withManySteps(["check"], { "draft.submit": many, "draft.check": ["zoe"] });
  const from = version(["owner", "draft.submit", "draft.check"]);
  expect(codes(from, max, { from, snapshot })).toEqual([]);
  expect(codes(version(["owner", "draft.submit"]), max, { from, snapshot })).toContain("WEAKER_RULES");
});

test("the new version counts as weaker if the users took more different parts than can be compared", () => {
  const steps = Array.from({ length: 8 }, (_, nth) => `s${nth}`);
  const doneBy = Object.fromEntries(
    steps.map((step, bit) => [
      `draft.${step}`,
      Array.from({ length: 128 }, (_, nth) => nth).flatMap((nth) => ((nth >> bit) & 1 ? [`p${nth}`] : [])),
    ]),
  );
  const { version, snapshot } = withManySteps(steps, doneBy);
  const from = version(["owner", ...steps.map((step) => `draft.${step}`)]);
  expect(codes(from, max, { from, snapshot })).toContain("WEAKER_RULES");
});
