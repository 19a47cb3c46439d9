import "reflect-metadata";
import { ArgsType, Field, Int } from "type-graphql";
import { BadUserInput, type Problem } from "@weft/shared/errors";

export const defaultPageSize = 20;
export const maxPageSize = 100;

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { nullable: true, description: "Number of items to return from the start (default 20, maximum 100)." })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "Cursor to start after." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: "Number of items to return from the end (maximum 100)." })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "Cursor to stop before." })
  before?: string | null;
}

/** Number of items requested by a connection's arguments, and the end to count from. */
export interface PageRequest {
  readonly size: number;
  readonly from: "start" | "end";
}

/**
 * Returns the requested page of a connection's arguments.
 * @throws BadUserInput with all problems: both `first` and `last`, or a value outside 0…100
 */
export function pageRequestOf({ first, last }: ConnectionArgs): PageRequest {
  const problems: Problem[] = [];
  if (typeof first === "number" && typeof last === "number")
    problems.push({ path: "last", message: "Use either first or last, not both." });
  for (const [path, size] of [["first", first] as const, ["last", last] as const]) {
    if (typeof size === "number" && (size < 0 || size > maxPageSize))
      problems.push({ path, message: `A page can have 0 to ${maxPageSize} items, not ${size}.` });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return typeof last === "number" ? { size: last, from: "end" } : { size: first ?? defaultPageSize, from: "start" };
}
