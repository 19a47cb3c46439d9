import { asJsonObject, checkJson, didYouMean, type Machine, type StepStub, type StubbedEnd } from "@weft/engine";
import { type Problem, quote } from "@weft/shared/errors";
import type { StubbedStepInput } from "./stubbed-step.type.js";

const MAX_STUBS = 1000;
const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Reads the stubs of a simulation. Adds what is wrong with them to `problems`: a stub for a step that does not exist would be ignored. */
export function readStubs(problems: Problem[], { states }: Machine, stubs: readonly StubbedStepInput[]): StepStub[] {
  if (stubs.length > MAX_STUBS) {
    problems.push({ path: "stubs", message: `${stubs.length} stubs were passed; the maximum is ${MAX_STUBS}.` });
    return [];
  }
  const known = new Set([...states.values()].flatMap(({ run }) => [...(run?.graph.steps.keys() ?? [])]));
  return stubs.flatMap((stub, place) => {
    const path = `stubs.${place}`;
    const { step, index = null, attempt = null } = stub;
    if (!known.has(step)) problems.push({ path: `${path}.step`, message: `There is no step ${quote(step)}.${didYouMean(step, known)}` });
    if (index !== null && index < 0) problems.push({ path: `${path}.index`, message: "The first item has the index 0." });
    if (attempt !== null && attempt < 1) problems.push({ path: `${path}.attempt`, message: "The first attempt has the number 1." });
    const end = readEnd(problems, stub, path);
    return end ? [{ step, index, attempt, isCompensation: stub.isCompensation ?? false, end }] : [];
  });
}

function readEnd(problems: Problem[], { outputs, error, isLost, isPending }: StubbedStepInput, path: string): StubbedEnd | null {
  const given = [outputs !== undefined && outputs !== null, Boolean(error), isLost === true, isPending === true].filter(Boolean);
  if (given.length !== 1) {
    problems.push({ path, message: "Pass one of outputs, error, isLost and isPending." });
    return null;
  }
  if (isLost === true) return { kind: "lost" };
  if (isPending === true) return { kind: "stays" };
  if (error) {
    if (!ERROR_CODE.test(error.code))
      problems.push({ path: `${path}.error.code`, message: `${quote(error.code)} is not a code of an error. Codes look like TIMEOUT.` });
    return {
      kind: "failed",
      error: { code: error.code, message: (error.message ?? error.code).slice(0, 2000), isFinal: error.isFinal ?? false },
    };
  }
  const values = asJsonObject(outputs);
  const wrong = values ? checkJson(values, "outputs") : [{ path: "outputs", message: "The outputs must be an object." }];
  for (const { path: at, message } of wrong) problems.push({ path: `${path}.${at}`, message });
  return values && wrong.length === 0 ? { kind: "succeeded", outputs: values } : null;
}
