import { ArgsType, Field, Int } from "type-graphql";
import { BadUserInput } from "../errors/errors.js";
import type { Problem } from "../errors/errors.js";

export const defaultPageSize = 20;
export const maxPageSize = 100;

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { nullable: true, description: "How many from the start, at most 100; 20 when nothing is said." })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "Continue behind this cursor." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: "How many from the end, at most 100." })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "Stop before this cursor." })
  before?: string | null;
}

/** What the arguments of a connection ask: how many, from which end. */
export interface PageRequest {
  readonly size: number;
  readonly from: "start" | "end";
}

/** @throws BadUserInput with every problem: `first` and `last` together, or out of 0…100 */
export function pageRequestOf({ first, last }: ConnectionArgs): PageRequest {
  const problems: Problem[] = [];
  if (typeof first === "number" && typeof last === "number") problems.push({ path: "last", message: "Give either first or last." });
  for (const [path, size] of [["first", first] as const, ["last", last] as const]) {
    if (typeof size === "number" && (size < 0 || size > maxPageSize))
      problems.push({ path, message: `A page has 0 to ${maxPageSize} items, not ${size}.` });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return typeof last === "number" ? { size: last, from: "end" } : { size: first ?? defaultPageSize, from: "start" };
}
