import type { UsedAgent } from "../agent-definition.js";
import type { Session } from "./piece-of-work.js";
import type { MonthlyCost, Used } from "./usage.store.js";

/** What has been used before a call. */
export interface Spent {
  /** Of each session of the chain, outermost first. */
  readonly used: readonly Used[];
  /** Turns of the session that were answered. */
  readonly turns: number;
  /** Failures of the turn. */
  readonly failures: number;
  readonly month: MonthlyCost;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the limit that forbids another call; null if none does. A limit of cost needs a price: a model without one is refused, because its calls
 * would pass any limit.
 */
export function refusalOf(agent: UsedAgent, chain: readonly Session[], { used, turns, month }: Spent): Refusal | null {
  const { limits } = agent;
  if (turns >= limits.turns) return exceeded("turns", turns, limits.turns);
  const late = lateness(chain, used);
  if (late !== null) return late;
  const isCostLimited = month.allowed !== null || chain.some((one) => one.agent.limits.costMicros !== null);
  if (isCostLimited && agent.price === null)
    return {
      code: "PRICE_UNKNOWN",
      message: `The price of the model ${agent.model} is unknown, and its cost is limited. Add it to the prices of the provider ${agent.provider.key}.`,
    };
  for (const [at, session] of chain.entries()) {
    const { tokens, costMicros } = used[at] ?? { tokens: 0, costMicros: 0 };
    const allowed = session.agent.limits;
    if (allowed.tokens !== null && tokens >= allowed.tokens) return exceeded("tokens", tokens, allowed.tokens);
    if (allowed.costMicros !== null && (costMicros ?? 0) >= allowed.costMicros)
      return exceeded("costMicros", costMicros ?? 0, allowed.costMicros);
  }
  if (month.allowed !== null && month.used >= month.allowed) return exceeded("agentCostPerMonth", month.used, month.allowed);
  return null;
}

/** Whether calls that are being made can use up what is left of the month. */
export const isReserved = ({ used, reserved, allowed }: MonthlyCost): boolean =>
  allowed !== null && reserved > 0 && used + reserved >= allowed;

/** Returns whether the time of one of the sessions is over. */
export function lateness(chain: readonly Session[], used: readonly Used[]): Refusal | null {
  for (const [at, { agent }] of chain.entries()) {
    const ms = used[at]?.ms ?? 0;
    if (ms >= agent.limits.seconds * 1000) return exceeded("seconds", Math.round(ms / 1000), agent.limits.seconds);
  }
  return null;
}

/** Returns the time that is left to all of the sessions together. */
export const msLeft = (chain: readonly Session[], used: readonly Used[]): number =>
  Math.min(...chain.map(({ agent }, at) => agent.limits.seconds * 1000 - (used[at]?.ms ?? 0)));

const exceeded = (limit: string, used: number, allowed: number): Refusal => ({
  code: "LIMIT_EXCEEDED",
  message: `The limit ${limit} of the agent is reached: ${used} of ${allowed} used.`,
});
