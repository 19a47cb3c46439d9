import { randomBytes } from "node:crypto";
import type { Problem } from "@weft/shared/errors";
import type { Services } from "@weft/platform/services";
import { findTakenSlugs } from "../tenants/tenant.service.js";

/** Slug of the platform tenant. */
export const platformSlug = "platform";

/** Returns the problems of a customer's slug, with the given `path`. */
export function slugProblems(slug: string, path: string): Problem[] {
  if (slug === platformSlug) return [{ path, message: `The slug ${platformSlug} is reserved for the operator of this installation.` }];
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(slug)
    ? []
    : [{ path, message: "A slug has 1 to 63 lower-case letters, digits, and hyphens, and does not start with a hyphen." }];
}

/** Short enough to append a suffix. */
const longestBase = 50;

/** Derives a slug from a name: `Müller & Sons` becomes `muller-sons`. */
export function slugOf(name: string): string {
  const base = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longestBase)
    .replaceAll(/^-+|-+$/g, "");
  return base === "" ? "organization" : base;
}

/** Returns the slug if it is free, otherwise a similar one. It can be taken before the caller uses it. */
export async function freeSlugLike({ databases }: Services, slug: string): Promise<string> {
  const base = slug.slice(0, longestBase);
  const candidates = [slug, ...Array.from({ length: 8 }, (_, i) => `${base}-${i + 2}`), `${base}-${randomBytes(4).toString("hex")}`];
  const taken = await databases.auth.begin((tx) => findTakenSlugs(tx, candidates), "read");
  return candidates.find((each) => each !== platformSlug && !taken.has(each)) ?? `${base}-${randomBytes(6).toString("hex")}`;
}
