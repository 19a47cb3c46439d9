import fc from "fast-check";
import { expect, test } from "vitest";
import { assign } from "./assign.js";
import { available } from "../transition/available.js";
import { cancel } from "./cancel.js";
import { changeData } from "./change-data.js";
import { fire } from "../transition/fire.js";
import { actors, machines, requests, snapshots } from "../fixtures/random.js";
import { after, inState, max, now, outcomeOf, paths, rules, task } from "../fixtures/small.js";
import { comment, internalComment, resume, suspend } from "./intervene.js";
import type { Snapshot } from "../model/snapshot.js";

const said = (text: unknown) => ({ actor: max, comment: text, now });

test("a comment changes only the version", () => {
  const snapshot = inState("triage", { openTasks: [task("t1", "triage")] });
  const outcome = outcomeOf(comment(snapshot, said("Ring first")));
  expect(outcome).toMatchObject({ kind: "comment", from: "triage", to: "triage", comment: "Ring first", version: { from: 3, to: 4 } });
  expect(after(snapshot, outcome)).toEqual({ ...snapshot, version: 4 });
  expect(outcomeOf(comment({ ...snapshot, status: "SUSPENDED" }, said("Later"))).status).toBe("SUSPENDED");
});

test("a comment and a reason for suspending are required and limited in length", () => {
  for (const nothing of ["", "  \n", null, undefined, 7, "x".repeat(10_001), "\u0000"]) {
    expect(paths(comment(inState("triage"), said(nothing)))).toEqual(["comment"]);
    expect(paths(suspend(inState("triage"), said(nothing)))).toEqual(["reason"]);
  }
  expect(outcomeOf(resume(inState("triage", { status: "SUSPENDED" }), said(null))).comment).toBeNull();
});

test("an instance that has ended cannot be commented on for everyone, suspended or resumed, but commented on internally", () => {
  const ended = inState("closed", { status: "COMPLETED" });
  for (const decide of [comment, suspend, resume]) expect(rules(decide(ended, said("No")))).toEqual(["status"]);
  expect(internalComment(ended, said("Paid"))).toMatchObject({ ok: true, outcome: { comment: "Paid" } });
});

test("only a running instance can be suspended, and only a suspended one can be resumed", () => {
  expect(rules(suspend(inState("triage", { status: "SUSPENDED", suspension: "Audit" }), said("Again")))).toEqual(["status"]);
  expect(rules(resume(inState("triage"), said("On")))).toEqual(["status"]);
});

test("an instance that is suspended with its parent can be suspended for itself", () => {
  const withParent = inState("triage", { status: "SUSPENDED", isSuspendedWithParent: true });
  expect(outcomeOf(suspend(withParent, said("Audit")))).toMatchObject({ kind: "suspend", status: "SUSPENDED", comment: "Audit" });
  expect(rules(suspend({ ...withParent, status: "COMPLETED" }, said("Audit")))).toEqual(["status"]);
});

const runs = { numRuns: 60 };

test("a suspended instance refuses changes and says why, and is unchanged when it is resumed", { tags: "slow" }, () => {
  fc.assert(
    fc.property(machines, snapshots, requests, actors, (machine, snapshot, request, actor) => {
      const running: Snapshot = { ...snapshot, status: "RUNNING" };
      const held: Snapshot = { ...after(running, outcomeOf(suspend(running, said("Audit of the roof")))), suspension: "Audit of the roof" };
      for (const refused of [
        fire(machine, held, request),
        changeData(machine, held, { patch: { n: 1 }, actor, now }),
        assign(machine, held, { to: null, actor, now }),
      ]) {
        expect(refused).toMatchObject({ ok: false, rejection: { code: "TRANSITION_REJECTED", reasons: [{ rule: "status" }] } });
        if (!refused.ok) expect(refused.rejection.reasons[0]?.message).toContain("Audit of the roof");
      }
      expect(available(machine, held, actor, now)).toEqual([]);
      expect(cancel(machine, held, { actor, now }).ok).toBe(true);
      const resumed = after(held, outcomeOf(resume(held, said(null))));
      expect({ ...resumed, suspension: undefined }).toEqual({ ...running, version: running.version + 2, suspension: undefined });
    }),
    runs,
  );
});
