import { FlagdCore } from "@openfeature/flagd-core";
import { ErrorCode } from "@openfeature/server-sdk";
import { z } from "zod";
import { isFlagKey } from "./declared-flags.js";

const flagSchema = z.object({
  state: z.enum(["ENABLED", "DISABLED"]),
  variants: z.record(z.string(), z.boolean()),
  defaultVariant: z.string().nullish(),
});
const fileSchema = z.object({ flags: z.record(z.string(), flagSchema) });

/**
 * Returns what is wrong with the content of a file of flags, as the file's author must fix it. Stricter than flagd, for which a flag with a mistake has
 * its default: a part of Weft that was turned off would be on again. Empty: it can be used.
 */
export function flagsProblems(text: string): string[] {
  const content = jsonOf(text);
  if (content === undefined) return ["it is not JSON"];
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".") || "content"}: ${message}`);
  const { flags } = parsed.data;
  const problems = Object.entries(flags).flatMap(([key, { variants, defaultVariant }]) => [
    ...(isFlagKey(key) ? [] : [`flags.${key}: is not a flag of this version of Weft`]),
    ...(typeof defaultVariant === "string" && !Object.hasOwn(variants, defaultVariant)
      ? [`flags.${key}.defaultVariant: is not among the variants`]
      : []),
  ]);
  return problems.length > 0 ? problems : problemsOfRules(text, Object.keys(flags));
}

/** What the rules do is known only when they are evaluated. A flag that is disabled has its default without a mistake. */
function problemsOfRules(text: string, keys: readonly string[]): string[] {
  const core = new FlagdCore(undefined, undefined, { disableDynamicCodeGeneration: true });
  try {
    core.setConfigurations(text);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return keys.flatMap((key) => {
    const { errorCode, errorMessage = "its rules cannot be evaluated" } = core.resolveBooleanEvaluation(key, true, {
      targetingKey: "ten_01h455vb4pex5vsknk084sn02q",
      tenant: "acme",
      environment: "production",
    });
    return errorCode === ErrorCode.PARSE_ERROR || errorCode === ErrorCode.GENERAL ? [`flags.${key}: ${errorMessage}`] : [];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
