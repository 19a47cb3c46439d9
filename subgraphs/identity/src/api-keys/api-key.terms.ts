import { networkOfText } from "@weft/shared/api-keys";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import type { Grant } from "../rights/grant.js";
import { grantsOfInput } from "../rights/grant-input.js";
import { nameProblems } from "../users/user-problems.js";
import type { KeyChanges } from "./api-key.store.js";
import type { UpdateApiKeyInput } from "./api-key.type.js";

const maxNetworks = 100;
const maxPermissions = 500;
const maxOperationsPerMinute = 1_000_000;

/** What an API key may do, in stored form. */
export type Terms = Omit<KeyChanges, "permissions"> & { readonly permissions?: Grant[] };

/** Returns the given terms in stored form. Terms that are not given are omitted. @throws BadUserInput */
export function readTerms(input: Omit<UpdateApiKeyInput, "id" | "expectedVersion">): Terms {
  const { name, permissions, allowedAddresses, operationsPerMinute, expiresAt } = input;
  const problems: Problem[] = [];
  const terms: { -readonly [Term in keyof Terms]: Terms[Term] } = {};
  if (typeof name === "string") {
    terms.name = name.trim();
    problems.push(...nameProblems(terms.name));
  }
  if (permissions) {
    const read = grantsOfInput(permissions, "input.permissions");
    terms.permissions = read.grants;
    problems.push(...read.problems);
    if (permissions.length === 0) problems.push({ path: "input.permissions", message: "An API key needs at least one permission." });
    if (permissions.length > maxPermissions)
      problems.push({ path: "input.permissions", message: `An API key has at most ${maxPermissions} permissions.` });
  }
  if (allowedAddresses) {
    const networks = allowedAddresses.map((text) => networkOfText(text.slice(0, 100)));
    terms.allowedAddresses = [...new Set(networks.flatMap((network) => network ?? []))];
    for (const [index, network] of networks.entries()) {
      const path = `input.allowedAddresses.${index}`;
      const text = quote(allowedAddresses[index] ?? "");
      if (network === null)
        problems.push({
          path,
          message: `${text} is not a valid network. Use CIDR with the first address of the network, for example 192.0.2.0/24.`,
        });
    }
    if (networks.length > maxNetworks)
      problems.push({ path: "input.allowedAddresses", message: `An API key has at most ${maxNetworks} networks.` });
  }
  if (operationsPerMinute !== undefined) {
    terms.operationsPerMinute = operationsPerMinute;
    if (operationsPerMinute !== null && (operationsPerMinute < 1 || operationsPerMinute > maxOperationsPerMinute))
      problems.push({ path: "input.operationsPerMinute", message: `The limit is 1 to ${maxOperationsPerMinute} operations.` });
  }
  if (expiresAt !== undefined) {
    terms.expiresAt = expiresAt;
    if (expiresAt !== null && Date.parse(expiresAt) <= Date.now())
      problems.push({ path: "input.expiresAt", message: `${expiresAt} is in the past. To end the key now, use revokeApiKey.` });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return terms;
}
