import { readMoment } from "../../calendar/durations.js";
import { quote } from "../../model/problems.js";
import { asJsonObject } from "../../model/values.js";
import { stepType } from "./step-type.js";
import { APPROVAL, checkDurations, checkTask, outcomeOutput, taskOutputs, taskProperties } from "./task-input.js";

const WAYS = ["for", "until", "event", "approval"];

export const waitStep = stepType({
  name: "wait",
  description: "Waits for a time, an event or an approval. It occupies no worker.",
  input: {
    properties: {
      for: { type: "string", maxLength: 32, description: "Duration, such as 10m." },
      until: {
        type: "string",
        maxLength: 64,
        description: "Time with a time zone, or a date, in ISO 8601. A date ends at midnight in the time zone of the organization.",
      },
      event: { type: "string", maxLength: 100, description: "Type of an event, or the name under which a workflow emits it." },
      subject: { type: "string", maxLength: 100, description: "ID of the object that the event must be about. Omitted: any." },
      where: { type: "object", additionalProperties: true, description: "Values that the payload of the event must have." },
      timeout: { type: "string", maxLength: 32, description: "Duration after which waiting for an event fails with TIMEOUT." },
      approval: {
        type: "object",
        required: ["roles"],
        properties: taskProperties,
        additionalProperties: false,
        description: "A task with the outcomes `approve` and `reject`. With `reject`, the step fails with REJECTED.",
      },
    },
  },
  outputs: { properties: { payload: { type: "object", additionalProperties: true }, ...taskOutputs } },
  outputsOf: () => outcomeOutput([...APPROVAL.outcomes]),
  literalInputs: {
    event:
      "The type of the event contains no expressions: whoever publishes the definition decides which events it reads. Select with `subject` and `where`.",
  },
  check: ({ known, given }, report) => {
    const ways = WAYS.filter((way) => given.has(way));
    if (ways.length !== 1) report([], `Use exactly one of ${WAYS.join(", ")}.`);
    for (const name of ["subject", "where", "timeout"])
      if (given.has(name) && !given.has("event")) report([name], `${quote(name)} belongs to an event.`);
    checkDurations(known, ["for", "timeout"], report);
    const { until } = known;
    if (typeof until === "string" && readMoment(until) === null)
      report(["until"], `${quote(until)} is not a date, or a time with a time zone, such as 2026-03-01T09:30:00Z.`);
    const approval = asJsonObject(known["approval"]);
    if (approval)
      checkTask({ known: { ...approval, outcomes: [...APPROVAL.outcomes] }, given: new Set(Object.keys(approval)) }, (path, message) =>
        report(["approval", ...path], message),
      );
  },
});
