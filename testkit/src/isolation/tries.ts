import { ApiRequestError, type ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import type { RootField } from "./api-schema.js";
import { lookupCases, mutationCases, queryArguments } from "./cases.js";
import type { Person } from "./matrix/matrix-people.js";
import { typeOfId, type Fixture } from "./fixture.js";

export type Variables = Record<string, unknown>;
/** Variables of the same operation for the user's own object and for someone else's. Null if there is no such object. */
interface Tries {
  readonly mine: Variables | null;
  readonly others: Variables | null;
}

/**
 * Returns variables for objects that concern the user, or the request that the requester created and the vendor works on, and variables for objects
 * that concern neither.
 */
export function lookupTries(fixture: Fixture, { name, idPaths, field }: RootField, { user }: Pick<Person, "user">): Tries {
  // Lists are tried as they are, without conditions. A saved view is one, too.
  const paths = idPaths.filter((path) => path !== "viewId" && !path.startsWith("filter."));
  const given = queryArguments[name] ?? {};
  if (!paths.some((path) => field.args.some((argument) => argument.name === path))) return { mine: given, others: null };
  const mine: Variables = { ...given };
  const others: Variables = { ...given };
  let isHidden = false;
  for (const path of paths) {
    const found = lookupCases[`${name}.${path}`];
    if (found === undefined) throw new Error(`${name}.${path} has no case: add it to testkit/src/isolation/cases.ts.`);
    const { own, with: more } = found;
    const value = own(fixture);
    const [id = ""] = [value].flat() as string[];
    const isUser = typeOfId(id) === "user";
    const listed = (one: string): unknown => (Array.isArray(value) ? [one] : one);
    const hidden = hiddenLike(fixture, id);
    if (found.isOnly) {
      mine[path] = value;
      continue;
    }
    mine[path] = isUser ? (user ?? fixture.admin).id : (givenLike(fixture, id) ?? value);
    others[path] = hidden === undefined ? value : listed(hidden);
    if (more) Object.assign(mine, more(user ?? fixture.admin, fixture));
    isHidden ||= hidden !== undefined;
  }
  return { mine, others: isHidden ? others : null };
}

function givenLike({ given, hiddenFromRequester, ids }: Fixture, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "instance") return given.instanceId;
  return type === "task" ? ids.get(type)?.find((id) => !hiddenFromRequester.includes(id)) : undefined;
}

/** Returns another user's object of the same type. Undefined if the fixture has only one. */
function hiddenLike({ hiddenFromRequester, hiddenFromVendor, otherRequester, ids }: Fixture, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "user") return otherRequester.id;
  const hidden = [...hiddenFromRequester, ...hiddenFromVendor].find((id) => id !== like && typeOfId(id) === type);
  return hidden ?? ids.get(type)?.findLast((id) => id !== like);
}

/** Returns the input. Null if `maker` cannot create the objects for the input. */
async function madeFor(name: string, fixture: Fixture, maker: TestUser): Promise<Variables | null> {
  // Walks send more emails than a tenant can within an hour.
  await fixture.ageMails();
  try {
    // A concurrent attempt can give a permission to everyone with a role.
    return (await whenRightsAreStill(async () => mutationCases[name]?.input(fixture, maker))) ?? null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw new Error(`The input of ${name} cannot be made by ${maker.login}. ${String(error)}`, { cause: error });
  }
}

/** Repeats a call that a concurrent attempt refused by changing the rights of its user. */
export async function whenRightsAreStill<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ApiRequestError && saysToAskAgain(error.errors)) return whenRightsAreStill(run);
    throw error;
  }
}

/** Returns whether an error is a refusal because of the user, not because of the input. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiRequestError && error.errors.every(({ extensions }) => /^(FORBIDDEN|NOT_FOUND)$/.test(extensions?.code ?? ""));

/** Returns whether the user must retry because their rights changed during the request. */
export const saysToAskAgain = (errors: ApiResult["errors"]): boolean =>
  errors?.some(({ message }) => message.startsWith("Your rights have just changed")) === true;

/**
 * Returns a valid input with objects that `maker` has created. For a vendor's user, an assigned request replaces the objects that the user cannot
 * create. Null if there is none.
 */
export async function inputOf({ name }: RootField, fixture: Fixture, maker: TestUser): Promise<Variables | null> {
  const made = await madeFor(name, fixture, maker);
  // The object of the input is missing.
  const input = made === null || Object.values(made).includes(undefined) ? null : made;
  if (input !== null || maker !== fixture.vendorUser || name !== "fireTransition") return input;
  return { instanceId: fixture.given.instanceId, transition: "start" };
}
