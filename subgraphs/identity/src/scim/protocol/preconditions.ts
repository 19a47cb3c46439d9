import { ScimRefusal } from "./scim-refusal.js";

/** Weak, because it stands for the version of the object, not for the bytes of the answer. */
export const etagOf = (version: number): string => `W/"${version}"`;

/** Checks the header If-Match. @throws ScimRefusal (412) if the object has another version */
export function assertMatches(ifMatch: string | null | undefined, version: number): void {
  if (ifMatch === null || ifMatch === undefined || ifMatch.trim() === "*") return;
  const tags = ifMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (!tags.includes(`"${version}"`)) throw new ScimRefusal(412, `The resource has the version ${etagOf(version)}. Read it again.`);
}
