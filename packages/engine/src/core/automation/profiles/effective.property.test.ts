import fc from "fast-check";
import { expect, test } from "vitest";
import type { SecurityProfile } from "../../model/security-profile.js";
import { BUILT_IN_PROFILE_KEYS, BUILT_IN_PROFILES } from "./built-in.js";
import { allowsHost, isDomainPattern } from "./domains.js";
import { effectiveProfile } from "./effective.js";

const HOSTS = ["a.com", "x.a.com", "y.x.a.com", "b.org", "xa.com", "com"];
const names = (values: readonly string[]) =>
  fc.option(fc.subarray([...values]).chain((some) => fc.shuffledSubarray(some, { minLength: some.length })));
const count = fc.integer({ min: 0, max: 5 });
const profiles: fc.Arbitrary<SecurityProfile> = fc.record({
  key: fc.constantFrom("one", "two", "one+two"),
  stepTypes: names(["http", "script", "set"]),
  commands: names(["git", "node"]),
  domains: names([...HOSTS, ...HOSTS.map((host) => `*.${host}`)]),
  secrets: names(["a", "b", "c"]),
  limits: fc.record({
    memoryMb: count,
    processorSeconds: count,
    wallSeconds: count,
    outputKb: count,
    workspaceMb: count,
    files: count,
    processes: count,
    network: fc.boolean(),
  }),
  concurrency: count,
});

const allows = (list: readonly string[] | null, name: string): boolean => list === null || list.includes(name);

/** Everything that a profile says of the values that the profiles of this file can name. */
const meaning = ({ stepTypes, commands, domains, secrets, limits, concurrency }: SecurityProfile) => ({
  stepTypes: ["http", "script", "set", "other"].filter((name) => allows(stepTypes, name)),
  commands: ["git", "node", "other"].filter((name) => allows(commands, name)),
  domains: [...HOSTS, "z.y.x.a.com", "q.b.org", "other.net"].filter((name) => allowsHost(domains, name)),
  secrets: ["a", "b", "c", "other"].filter((name) => allows(secrets, name)),
  limits,
  concurrency,
});

test("the effective profile allows exactly what each of the profiles allows", () => {
  fc.assert(
    fc.property(profiles, profiles, (one, other) => {
      const [both, left, right] = [meaning(effectiveProfile(one, other)), meaning(one), meaning(other)];
      for (const list of ["stepTypes", "commands", "domains", "secrets"] as const)
        expect(both[list]).toEqual(left[list].filter((name) => right[list].includes(name)));
      for (const [name, limit] of Object.entries(both.limits)) {
        const [l, r] = [left.limits, right.limits].map((limits) => Number(limits[name as keyof typeof limits]));
        expect(Number(limit)).toBe(Math.min(l ?? 0, r ?? 0));
      }
      expect(both.concurrency).toBe(Math.min(left.concurrency, right.concurrency));
    }),
  );
});

test("neither the order, nor the grouping, nor repetitions of profiles matter", () => {
  fc.assert(
    fc.property(profiles, profiles, profiles, (one, two, three) => {
      const all = effectiveProfile(one, two, three);
      expect(effectiveProfile(three, one, two)).toEqual(all);
      expect(effectiveProfile(one, effectiveProfile(two, three))).toEqual(all);
      expect(effectiveProfile(all, one, two, three, all)).toEqual(all);
    }),
  );
});

test("each built-in profile is narrower than the one after it", () => {
  for (const [index, key] of BUILT_IN_PROFILE_KEYS.entries())
    for (const wider of BUILT_IN_PROFILE_KEYS.slice(index)) {
      const { key: _key, ...both } = effectiveProfile(BUILT_IN_PROFILES[wider].profile, BUILT_IN_PROFILES[key].profile);
      const { key: _other, ...own } = effectiveProfile(BUILT_IN_PROFILES[key].profile);
      expect(both).toEqual(own);
    }
});

test.each(["https://a.com", "a.com:443", "A.com", "a..com", "*", "*.*.com", "a.com/", "*a.com", "", "-a.com", "[::1]", "a.com."])(
  "%j is no pattern of hosts",
  (text) => expect(isDomainPattern(text)).toBe(false),
);

test("a host is compared without regard to case and a final dot, and a pattern only with whole labels", () => {
  expect(allowsHost(["*.example.com"], "API.Example.com.")).toBe(true);
  expect(allowsHost(["*.example.com"], "example.com")).toBe(false);
  expect(allowsHost(["*.example.com"], "badexample.com")).toBe(false);
  expect(allowsHost(["example.com"], "example.com.evil.net")).toBe(false);
});
