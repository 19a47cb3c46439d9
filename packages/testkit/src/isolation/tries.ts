import { ApiRequestError, type ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import type { RootField } from "./api-schema.js";
import { lookupCases, mutationCases, queryArguments } from "./cases.js";
import type { Person } from "./matrix-people.js";
import { typeOfId, type World } from "./world.js";

export type Variables = Record<string, unknown>;
/** The same operation about what is one's own, and about what is somebody else's; null: there is no such thing. */
interface Tries {
  readonly mine: Variables | null;
  readonly others: Variables | null;
}

/** With what concerns oneself, or the request that the requester made and the vendor works on; and with what concerns neither. */
export function lookupTries(world: World, { name, idPaths, field }: RootField, { user }: Pick<Person, "user">): Tries {
  const paths = idPaths.filter((path) => !path.startsWith("filter."));
  const given = queryArguments[name] ?? {};
  if (!paths.some((path) => field.args.some((argument) => argument.name === path))) return { mine: given, others: null };
  const mine: Variables = { ...given };
  const others: Variables = { ...given };
  let isHidden = false;
  for (const path of paths) {
    const found = lookupCases[`${name}.${path}`];
    if (found === undefined) throw new Error(`${name}.${path} has no case: add it to packages/testkit/src/isolation/cases.ts.`);
    const { own, with: more } = found;
    const value = own(world);
    const [id = ""] = [value].flat() as string[];
    const isUser = typeOfId(id) === "user";
    const listed = (one: string): unknown => (Array.isArray(value) ? [one] : one);
    const hidden = hiddenLike(world, id);
    if (found.isOnly) {
      mine[path] = value;
      continue;
    }
    mine[path] = isUser ? (user ?? world.admin).id : (givenLike(world, id) ?? value);
    others[path] = hidden === undefined ? value : listed(hidden);
    if (more) Object.assign(mine, more(user ?? world.admin, world));
    isHidden ||= hidden !== undefined;
  }
  return { mine, others: isHidden ? others : null };
}

function givenLike({ given, hiddenFromRequester, ids }: World, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "instance") return given.instanceId;
  return type === "task" ? ids.get(type)?.find((id) => !hiddenFromRequester.includes(id)) : undefined;
}

/** Somebody else's thing of the same type; undefined where the world has only one. */
function hiddenLike({ hiddenFromRequester, hiddenFromVendor, otherRequester, ids }: World, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "user") return otherRequester.id;
  const hidden = [...hiddenFromRequester, ...hiddenFromVendor].find((id) => id !== like && typeOfId(id) === type);
  return hidden ?? ids.get(type)?.findLast((id) => id !== like);
}

/** Null where `maker` may not make what the input is about. */
async function madeFor(name: string, world: World, maker: TestUser): Promise<Variables | null> {
  try {
    return (await mutationCases[name]?.input(world, maker)) ?? null;
  } catch (error) {
    // What is tried beside it may give everybody of a role a permission more.
    if (error instanceof ApiRequestError && saysToAskAgain(error.errors)) return madeFor(name, world, maker);
    if (isRefusal(error)) return null;
    throw new Error(`The input of ${name} cannot be made by ${maker.login}`, { cause: error });
  }
}

/** For who asks, and not for what is asked. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiRequestError && error.errors.every(({ extensions }) => /^(FORBIDDEN|NOT_FOUND)$/.test(extensions?.code ?? ""));

/** Whoever's rights change in the moment in which he asks is told to ask again. */
export const saysToAskAgain = (errors: ApiResult["errors"]): boolean =>
  errors?.some(({ message }) => message.startsWith("Your own rights have changed")) === true;

/** A valid input, of things that `maker` has made; what a vendor's person is given stands for what he cannot make. Null when there is none. */
export async function inputOf({ name }: RootField, world: World, maker: TestUser): Promise<Variables | null> {
  const made = await madeFor(name, world, maker);
  // Without the thing that it is about.
  const input = made === null || Object.values(made).includes(undefined) ? null : made;
  if (input !== null || maker !== world.vendorUser || name !== "fireTransition") return input;
  return { instanceId: world.given.instanceId, transition: "start" };
}
