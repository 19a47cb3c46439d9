import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import { checkEvents, eventsOfMachine } from "./event-names.js";

const text = `weft: 1
key: ordering
name: Ordering
initial: open
states:
  open:
    run:
      steps:
        - { id: tell, type: emit, with: { type: custom.order.paid } }
        - { id: computed, type: emit, with: { type: "custom.{{ run.id }}" } }
        - { id: own, type: wait, with: { event: order.shipped } }
        - { id: rest, type: wait, with: { for: 1d } }
        - id: other
          type: set
          with: { values: { a: 1 } }
          compensate: { type: wait, with: { event: contract.sined } }
      then: sent
    transitions: { sent: { to: done, actions: [{ emit: { type: order.shipped } }] } }
  done: { final: completed }
`;

function reported(known: { declared?: string[]; triggering?: string[]; emitted?: string[] }, source = text): string[] {
  const { document, locate } = parseDefinition(source);
  const result = compile(document, { locate });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const sets = {
    declared: new Set(known.declared),
    triggering: new Set(known.triggering),
    emitted: new Set(known.emitted),
  };
  return checkEvents(eventsOfMachine(result.machine), sets, { locate }).map(
    ({ code, line, path, message }) => `${code} ${line} ${path}: ${message}`,
  );
}

test("events that cannot occur are reported with their lines, and with the name that was probably meant", () => {
  expect(reported({ declared: ["custom.order.payed"], triggering: ["contract.signed", "project.signed"] })).toEqual([
    'UNKNOWN_EVENT 9 states.open.run.steps[0].with.type: There is no declared event type "custom.order.paid", so the step would fail. Declare it with declareEventType. Did you mean "custom.order.payed"?',
    'UNKNOWN_EVENT 16 states.open.run.steps[4].compensate.with.event: Nothing emits the event "contract.sined": it is no type that steps can wait for, and no published workflow emits it. Did you mean "contract.signed"?',
  ]);
});

test("declared types, types of Weft, and what a workflow emits can be waited for", () => {
  const source = text.replace("contract.sined", "custom.order.paid");
  expect(reported({ declared: ["custom.order.paid"] }, source)).toEqual([]);
  expect(reported({ declared: ["custom.order.paid"], triggering: ["contract.sined"] })).toEqual([]);
  expect(reported({ declared: ["custom.order.paid"], emitted: ["contract.sined"] })).toEqual([]);
});
