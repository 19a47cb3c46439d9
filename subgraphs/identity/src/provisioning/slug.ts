import { randomBytes } from "node:crypto";
import type { Problem, Services } from "@weft/shared";
import { findTakenSlugs } from "../tenants/tenant.service.js";

/** The slug of the platform tenant. */
export const platformSlug = "platform";

/** What is wrong with a customer's slug, as problems on `path`. */
export function slugProblems(slug: string, path: string): Problem[] {
  if (slug === platformSlug) return [{ path, message: `The slug ${platformSlug} is that of whoever runs this installation.` }];
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(slug)
    ? []
    : [{ path, message: "A slug has only lower-case letters, digits and -, and does not begin with -; 63 at most." }];
}

/** Short enough for an addition. */
const longestBase = 50;

/** A slug that reminds of a name: `Müller & Sons` gives `muller-sons`. */
export function slugOf(name: string): string {
  const base = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longestBase)
    .replaceAll(/^-+|-+$/g, "");
  return base === "" ? "organisation" : base;
}

/** The slug itself when nobody has it, else one that begins like it. Somebody may take it before the caller does. */
export async function freeSlugLike({ databases }: Services, slug: string): Promise<string> {
  const base = slug.slice(0, longestBase);
  const candidates = [slug, ...Array.from({ length: 8 }, (_, i) => `${base}-${i + 2}`), `${base}-${randomBytes(4).toString("hex")}`];
  const taken = await databases.auth.begin((tx) => findTakenSlugs(tx, candidates), "read");
  return candidates.find((each) => each !== platformSlug && !taken.has(each)) ?? `${base}-${randomBytes(6).toString("hex")}`;
}
