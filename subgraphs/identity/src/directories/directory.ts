/** What Weft asks a directory. No transaction is open meanwhile. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Services } from "@weft/platform/services";
import { type Client, type Entry, type Filter, ResultCodeError } from "ldapts";
import { isBinaryAttribute, type LdapConfiguration, ldapConfigurationOf } from "../identity-providers/ldap-configuration.js";
import { ANY, fillFilter, withValue } from "../identity-providers/ldap-filter.js";
import { ProviderUnusable } from "../identity-providers/provider-unusable.js";
import { AnswerRefused } from "../single-sign-on/answer-refused.js";
import { MAX_GROUPS, type ProviderUser, toProviderUser } from "../single-sign-on/user-claims.js";
import { connectDirectory, type DirectoryConnection, unusable } from "./directory-connection.js";
import { inPlace, type Purpose } from "./directory-places.js";
import { attributesOf, type DirectoryEntry, readDirectoryEntry, subjectValue, textsOf } from "./directory-entry.js";

const SEARCH_SECONDS = 4;
/** Results with which servers refuse a password: no such entry, not this way, wrong, locked, not allowed, and not now because the account is disabled. */
const refusals: ReadonlySet<number> = new Set([19, 32, 48, 49, 50, 53]);

/** A directory of a tenant. */
export interface Directory {
  readonly tenantId: string;
  readonly configuration: LdapConfiguration;
  /** Of the account that searches. Null: anonymous. */
  readonly bindPassword: string | null;
}

/** Returns the directory of a provider. `bindPassword` is its decrypted secret. */
export const directoryOf = (
  provider: Parameters<typeof ldapConfigurationOf>[0] & { readonly tenantId: string },
  bindPassword: string | null,
): Directory => ({ tenantId: provider.tenantId, configuration: ldapConfigurationOf(provider), bindPassword });

type Config = Pick<Services, "config">;

/** A user whose password is checked: by what they type, or by what identifies them. */
export type Sought = { readonly login: string } | { readonly subject: string };

/** What a directory says about a password. */
export type Answer =
  | { readonly kind: "PROVEN"; readonly account: ProviderUser }
  /** `subject`: of the user whose password was tried. Null if there is none, or it was not tried. */
  | {
      readonly kind: "REFUSED";
      readonly reason: "UNKNOWN" | "AMBIGUOUS" | "INCOMPLETE" | "LIMITED" | "PASSWORD";
      readonly subject: string | null;
    };

/**
 * Checks a password: the account of the provider searches for the user, and the user's own bind on a second connection proves the password. A user who is
 * not found takes the same steps, with a bind that cannot succeed.
 * @param mayTry whether the password of this user may be tried
 * @throws ProviderUnusable (also if the groups are not known), AnswerRefused, RateLimited
 */
export async function checkPassword(
  services: Config,
  directory: Directory,
  {
    sought,
    password,
    mayTry,
  }: { readonly sought: Sought; readonly password: string; readonly mayTry: (subject: string) => Promise<boolean> },
): Promise<Answer> {
  const { configuration } = directory;
  return withConnections(services, directory, { count: 2, purpose: "LOGIN" }, async ([searching, binding]) => {
    await bindAccount(searching, directory);
    const found = await findUser(searching, configuration, sought);
    const entry = typeof found === "string" ? null : found;
    const isTried = entry !== null && (await mayTry(entry.subject));
    if (!isTried) {
      await tryNobody(binding, configuration);
      return { kind: "REFUSED", reason: typeof found === "string" ? found : "LIMITED", subject: null };
    }
    const isRight = await isAccepted(binding, { dn: entry.dn, password });
    if (!isRight) return { kind: "REFUSED", reason: "PASSWORD", subject: entry.subject };
    const account = await accountOf(searching, configuration, entry);
    return account === null ? { kind: "REFUSED", reason: "INCOMPLETE", subject: null } : { kind: "PROVEN", account };
  });
}

/**
 * Returns whether a user still is in the directory, and still matches its filter.
 * @throws ProviderUnusable (also if nobody matches the filter: then the account can no longer read the entries), RateLimited
 */
export function hasUser(services: Config, directory: Directory, subject: string): Promise<boolean> {
  return withConnections(services, directory, { count: 1, purpose: "CHECK" }, async ([searching]) => {
    await bindAccount(searching, directory);
    if ((await findUser(searching, directory.configuration, { subject })) !== "UNKNOWN") return true;
    if ((await findAnybody(searching, directory.configuration)) === undefined) throw new ProviderUnusable(nobodyMatches);
    return false;
  });
}

/** Returns what is wrong with a directory, as far as it can be known without a login. Null if nothing is. */
export async function findProblem(services: Config, directory: Directory): Promise<string | null> {
  const { configuration } = directory;
  try {
    return await withConnections(services, directory, { count: 1, purpose: "TEST" }, async ([searching]) => {
      await bindAccount(searching, directory);
      const entry = await findAnybody(searching, configuration);
      if (entry === undefined) return nobodyMatches;
      if (readDirectoryEntry(entry, configuration) === null)
        return `An entry that matches the filter has not exactly one value of ${configuration.subjectAttribute} that the account can read.`;
      return null;
    });
  } catch (error) {
    if (error instanceof ProviderUnusable || error instanceof AnswerRefused) return error.message;
    throw error;
  }
}

const nobodyMatches = "No entry below the search base matches the filter, whatever the login name.";

async function findAnybody(client: Client, configuration: LdapConfiguration): Promise<Entry | undefined> {
  const filter = fillFilter(configuration.userFilter, { login: ANY });
  const [entry] = await search(client, configuration.searchBase, { filter, attributes: attributesOf(configuration), limit: 1 });
  return entry;
}

/** Runs with some connections, which end afterwards. */
async function withConnections<T>(
  { config }: Config,
  { tenantId, configuration }: Directory,
  { count, purpose }: { readonly count: 1 | 2; readonly purpose: Purpose },
  run: (clients: readonly [Client, Client]) => Promise<T>,
): Promise<T> {
  return inPlace({ tenantId, url: configuration.url, purpose }, async (signal) => {
    const opened: DirectoryConnection[] = [];
    try {
      const opening = Array.from({ length: count }, async () =>
        opened.push(await connectDirectory(config.outbound, configuration, signal)),
      );
      // All of them, so that none is opened after the others have ended.
      const failed = (await Promise.allSettled(opening)).find((each) => each.status === "rejected");
      if (failed) throw failed.reason;
      const [first, second = first] = opened;
      if (first === undefined || second === undefined) throw new Error("No connection was opened.");
      return await run([first.client, second.client]);
    } finally {
      for (const { end } of opened) end();
    }
  });
}

async function bindAccount(client: Client, { configuration: { bindDn }, bindPassword }: Directory): Promise<void> {
  if (bindDn === null) return;
  // Servers accept it as an anonymous bind.
  if (bindPassword === null || bindPassword === "") throw new ProviderUnusable("The password of the account that searches is missing.");
  try {
    await client.bind(bindDn, bindPassword);
  } catch (error) {
    throw unusable(error, "The directory refuses the account that searches");
  }
}

/** Whether the server accepts a password. Never call it with an empty one, which servers accept as an anonymous bind. */
async function isAccepted(client: Client, { dn, password }: { readonly dn: string; readonly password: string }): Promise<boolean> {
  if (dn === "" || password === "") return false;
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof ResultCodeError && refusals.has(error.code)) return false;
    throw unusable(error, "The directory did not check the password");
  }
}

/** Binds as an entry that does not exist. What the server answers must not tell such a login from others. */
async function tryNobody(client: Client, { searchBase }: LdapConfiguration): Promise<void> {
  try {
    await client.bind(`cn=${randomUUID()},${searchBase}`, randomBytes(16).toString("hex"));
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw unusable(error, "The directory did not check the password");
  }
}

/** Returns the only entry of a user, or why there is none. @throws ProviderUnusable, AnswerRefused */
async function findUser(
  client: Client,
  configuration: LdapConfiguration,
  sought: Sought,
): Promise<DirectoryEntry | "UNKNOWN" | "AMBIGUOUS" | "INCOMPLETE"> {
  const { subjectAttribute, userFilter, searchBase } = configuration;
  const filter =
    "login" in sought
      ? fillFilter(userFilter, { login: sought.login })
      : withValue(fillFilter(userFilter, { login: ANY }), subjectAttribute, subjectValue(subjectAttribute, sought.subject));
  const [entry, second] = await search(client, searchBase, { filter, attributes: attributesOf(configuration), limit: 2 });
  if (entry === undefined) return "UNKNOWN";
  if (second !== undefined) return "AMBIGUOUS";
  return readDirectoryEntry(entry, configuration) ?? "INCOMPLETE";
}

interface Search {
  readonly filter: Filter;
  readonly attributes: string[];
  /** 0: none. */
  readonly limit: number;
}

/** Searches below an entry. References to other servers are not followed. */
async function search(client: Client, base: string, { filter, attributes, limit }: Search) {
  try {
    const { searchEntries } = await client.search(base, {
      filter,
      attributes,
      // In the spelling of the server. Otherwise bytes that happen to be text would become text.
      explicitBufferAttributes: attributes.filter(isBinaryAttribute),
      sizeLimit: limit,
      timeLimit: SEARCH_SECONDS,
    });
    return searchEntries;
  } catch (error) {
    throw unusable(error, `The directory did not answer the search below ${base}`);
  }
}

/** Returns the account of an entry. Null if the attribute that identifies it has a value that cannot be stored. */
async function accountOf(client: Client, configuration: LdapConfiguration, entry: DirectoryEntry): Promise<ProviderUser | null> {
  const { subject, email, name } = entry;
  const groups = entry.groups ?? (await findGroups(client, configuration, entry));
  return toProviderUser({ subject, email, isEmailVerified: configuration.verifiesEmail, name, groups, session: null });
}

/** Returns the names of the groups that a search finds. None if none is configured. @throws ProviderUnusable, AnswerRefused */
async function findGroups(
  client: Client,
  { groupSearchBase, groupFilter, groupNameAttribute }: LdapConfiguration,
  { dn, username }: DirectoryEntry,
): Promise<ReadonlySet<string>> {
  if (groupSearchBase === null || groupFilter === null) return new Set();
  if (username === null && groupFilter.includes("{username}"))
    throw new AnswerRefused("The entry has not exactly one user name, so its groups cannot be searched for.");
  const filter = fillFilter(groupFilter, { dn, ...(username !== null && { username }) });
  // Without a limit of ours, the server's own is an error. Otherwise roles would be taken from the user by mistake.
  const entries = await search(client, groupSearchBase, { filter, attributes: [groupNameAttribute], limit: 0 });
  if (entries.length > MAX_GROUPS) throw new AnswerRefused("The directory finds too many groups of the user.");
  return new Set(entries.flatMap((entry) => textsOf(entry, groupNameAttribute)));
}
