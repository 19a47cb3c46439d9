import { describe, expect, it } from "vitest";
import { ANY, fillFilter, filterProblems, withValue } from "./ldap-filter.js";

const messageOf = (text: string, names: Parameters<typeof filterProblems>[2] = ["login"]): string =>
  filterProblems("input.ldap.userFilter", text, names)[0]?.message ?? "fine";

describe("a filter with placeholders", () => {
  it.each([
    "(uid={login})",
    "(|(uid={login})(mail={login}))",
    "(&(objectClass=person)(!(disabled=TRUE))(|(uid={login})(mail={login})))",
    "(uid:caseExactMatch:={login})",
    "(&(uid={login})(cn=Zoë \\28a\\29))",
  ])("can be %s", (text) => {
    expect(messageOf(text)).toBe("fine");
  });

  it.each([
    ["uid={login}", /not a valid filter/],
    ["(uid={login}", /not a valid filter/],
    ["(&(uid={login})", /not a valid filter/],
    ["(uid={login})(cn=*)", /not a valid filter/],
    ["(&)", /not a valid filter/],
    ["", /not a valid filter/],
    ["(uid=ada)", /must contain \{login\}/],
    ["(uid={Login})", /must contain \{login\}/],
    ["(uid={login}*)", /must contain \{login\}/],
    ["(&(uid={login})(mail={login}@acme.example))", /whole value/],
    ["(&(uid={login})({login}=x))", /not a valid filter/],
    ["(!(uid={login}))", /negated/],
    ["(&(uid={login})(!(|(cn=x)(mail={login}))))", /negated/],
    [`(|${"(uid={login})".repeat(6)})`, /at most 5 times/],
    ["(:caseExactMatch:={login})", /must contain \{login\}/],
    ["(&(uid={login})(cn=\\c3\\a9))", /as they are/],
    [`(&(uid={login})(cn=${"x".repeat(1000)}))`, /at most 1000/],
  ])("cannot be %s", (text, message) => {
    expect(messageOf(text)).toMatch(message);
  });

  it("names the placeholders that it can have", () => {
    expect(messageOf("(member={login})", ["dn", "username"])).toMatch(/must contain \{dn\} or \{username\}/);
    expect(messageOf("(|(member={dn})(memberUid={username}))", ["dn", "username"])).toBe("fine");
    expect(messageOf("(member:1.2.840.113556.1.4.1941:={dn})", ["dn", "username"])).toBe("fine");
  });

  it("takes every character of a value for what it is", () => {
    const filter = fillFilter("(&(objectClass=person)(|(uid={login})(mail={login})))", { login: "*)(uid=*\\" });
    expect(String(filter)).toBe("(&(objectClass=person)(|(uid=\\2a\\29\\28uid=\\2a\\5c)(mail=\\2a\\29\\28uid=\\2a\\5c)))");
    expect(String(fillFilter("(&(uid={login})(cn=x))", { login: "{dn}" }))).toBe("(&(uid={dn})(cn=x))");
  });

  it("asks only for the attributes if every login name is meant", () => {
    const filter = fillFilter("(&(active=TRUE)(!(cn=x))(|(uid={login})(mail:caseExactMatch:={login})))", { login: ANY });
    expect(String(filter)).toBe("(&(active=TRUE)(!(cn=x))(|(uid=*)(mail=*)))");
    expect(String(withValue(filter, "objectGUID", Buffer.from([0, 0x2a, 0x29])))).toMatch(/^\(&\(objectGUID=\\00\\2a\\29\)\(&/);
  });
});
