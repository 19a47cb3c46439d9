import { readNow, tryRoute } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Context } from "@weft/api/context";
import { Team, User } from "../principals/principal.type.js";
import { toRoutingRule } from "./routing-rule.type.js";
import type { TestRoutingInput, RoutingTest } from "./routing-test.type.js";

/** Tests a route with sample work: which rule decides, and why the others do not. Nothing is written. */
export function testRouting(ctx: Context, input: TestRoutingInput): Promise<RoutingTest> {
  const { route, definitionKey, state, task, ownerRoles } = input;
  const data = input.data ?? {};
  const problems = (["route", "definitionKey", "state", "task"] as const).flatMap((name) =>
    textProblems(`input.${name}`, input[name], { max: 120, mayBeEmpty: true }),
  );
  if (typeof data !== "object" || Array.isArray(data))
    problems.push({ path: "input.data", message: "Expected an object with names and values." });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.read(async (tx) => {
    const now = input.at ?? (await readNow(tx));
    const { rule, candidates, userId, evaluatedRules } = await tryRoute(tx, {
      route,
      tenantId: ctx.viewer.tenantId,
      ownerRoles: ownerRoles ?? [],
      now,
      data: data as Record<string, unknown>,
      definition: definitionKey ?? null,
      state: state ?? null,
      task: task ?? null,
    });
    return {
      rule: rule && toRoutingRule(rule),
      user: User.ofOrNull(userId),
      users: candidates.users.map(User.of),
      teams: candidates.teams.map(Team.of),
      roles: [...candidates.roles],
      evaluatedRules: evaluatedRules.map(({ row, applies, reasons }) => ({
        rule: toRoutingRule(row),
        isMatch: applies,
        reasons: [...reasons],
      })),
    };
  });
}
