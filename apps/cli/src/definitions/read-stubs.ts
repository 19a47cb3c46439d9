import { asJsonObject, didYouMean, type Machine, type StepStub, type StubbedEnd } from "@weft/engine";
import { usageError } from "../cli-error.js";
import { readObject, valueOf } from "./read-inputs.js";

/**
 * Reads results of steps: `STEP={"exit_code":0}` for outputs, `STEP=fail` or `STEP=fail:CODE` for a failure, `STEP=lost`, `STEP=pending`.
 * `STEP[2]` is the third item of a list, `STEP#1` the first attempt.
 * @throws CliError
 */
export function readStubs({ states }: Machine, given: readonly string[]): StepStub[] {
  const known = [...states.values()].flatMap(({ run }) => [...(run?.graph.steps.keys() ?? [])]);
  return given.map((one) => {
    const found = /^(?<step>[^=[\]#]+)(?:\[(?<index>\d+)\])?(?:#(?<attempt>[1-9]\d*))?=(?<end>.*)$/s.exec(one)?.groups;
    if (!found)
      throw usageError(`${JSON.stringify(one)} is not a stub. Use STEP={"name":"value"}, STEP=fail:CODE, STEP=lost or STEP=pending.`);
    const { step = "", index, attempt, end = "" } = found;
    if (!known.includes(step)) throw usageError(`There is no step ${JSON.stringify(step)}.${didYouMean(step, known)}`);
    return { step, index: numberOf(index), attempt: numberOf(attempt), isCompensation: false, end: readEnd(end, one) };
  });
}

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function readEnd(text: string, whole: string): StubbedEnd {
  if (text === "lost") return { kind: "lost" };
  if (text === "pending") return { kind: "stays" };
  const failed = /^fail(?::([A-Z][A-Z0-9_]{0,63}))?$/.exec(text);
  if (failed) {
    const code = failed[1] ?? "FAILED";
    return { kind: "failed", error: { code, message: "The stub fails.", isFinal: false } };
  }
  const outputs = asJsonObject(text.startsWith("{") ? readObject(text, `The stub ${JSON.stringify(whole)}`) : valueOf(text));
  if (!outputs) throw usageError(`The outputs of the stub ${JSON.stringify(whole)} must be a JSON object.`);
  return { kind: "succeeded", outputs };
}
