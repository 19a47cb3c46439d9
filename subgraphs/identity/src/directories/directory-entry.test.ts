import { describe, expect, it } from "vitest";
import { directoryIssuerOf, type LdapConfiguration } from "../identity-providers/ldap-configuration.js";
import { readDirectoryEntry, subjectValue } from "./directory-entry.js";

const configuration: LdapConfiguration = {
  issuer: "dc=acme,dc=example",
  url: "ldaps://ldap.acme.example:636",
  usesStartTls: true,
  ca: null,
  bindDn: null,
  searchBase: "dc=acme,dc=example",
  userFilter: "(uid={login})",
  subjectAttribute: "entryUUID",
  emailAttribute: "mail",
  nameAttribute: "cn",
  usernameAttribute: "uid",
  groupsAttribute: "memberOf",
  groupSearchBase: null,
  groupFilter: null,
  groupNameAttribute: "cn",
  verifiesEmail: true,
};
const dn = "uid=ada,dc=acme,dc=example";

describe("an entry of a directory", () => {
  it("describes a user, whatever the spelling of its attributes", () => {
    const entry = {
      dn,
      ENTRYuuid: "7f2c",
      Mail: ["ada@acme.example", "a@acme.example"],
      cn: "Ada",
      uid: ["ada", "lovelace"],
      memberof: "cn=a",
    };
    expect(readDirectoryEntry(entry, configuration)).toEqual({
      dn,
      subject: "7f2c",
      email: "ada@acme.example",
      name: "Ada",
      username: null,
      groups: new Set(["cn=a"]),
    });
  });

  it("is nobody without exactly one text that identifies it", () => {
    for (const entryUUID of [[], ["one", "two"], "", Buffer.from([0xff])])
      expect(readDirectoryEntry({ dn, entryUUID }, configuration)).toBeNull();
    // Some words are not distinguished names, but other ways to log in.
    for (const none of ["", "EXTERNAL", "ada"]) expect(readDirectoryEntry({ dn: none, entryUUID: "7f2c" }, configuration)).toBeNull();
  });

  it("is identified by the bytes of a binary attribute, also if they happen to be text", () => {
    const binary = { ...configuration, subjectAttribute: "objectGUID" };
    const [bytes, letters] = [Buffer.from([0xff, 0x00, 0x2a]), Buffer.from("text")];
    expect(readDirectoryEntry({ dn, objectGUID: bytes }, binary)?.subject).toBe("ff002a");
    expect(readDirectoryEntry({ dn, objectGUID: letters }, binary)?.subject).toBe("74657874");
    expect(readDirectoryEntry({ dn, objectGUID: "text" }, binary)?.subject).toBe("74657874");
    expect(subjectValue("objectGUID", "ff002a")).toEqual(bytes);
    expect(subjectValue("entryUUID", "ff002a")).toBe("ff002a");
  });

  it("is refused if the server gives only a part of the groups", () => {
    const entry = { dn, entryUUID: "7f2c", memberOf: [], "memberOf;range=0-1499": ["cn=a"] };
    expect(() => readDirectoryEntry(entry, configuration)).toThrow("only a part");
    const many = Array.from({ length: 2_001 }, (_, number) => `cn=${number}`);
    expect(() => readDirectoryEntry({ dn, entryUUID: "7f2c", memberOf: many }, configuration)).toThrow("too many");
  });

  it("has no attributes that other objects inherit", () => {
    expect(readDirectoryEntry({ dn, entryUUID: "7f2c" }, { ...configuration, nameAttribute: "constructor" })?.name).toBeNull();
  });
});

describe("links of users", () => {
  it("refer to a directory at any host only by an attribute that is unique everywhere", () => {
    const moved = { ...configuration, url: "ldaps://ldap.other.example:636" };
    const issuers = (subjectAttribute: string) => [configuration, moved].map((each) => directoryIssuerOf({ ...each, subjectAttribute }));
    for (const attribute of ["entryUUID", "ENTRYUUID", "objectGUID", "ipaUniqueID"]) expect(new Set(issuers(attribute)).size).toBe(1);
    for (const attribute of ["uid", "sAMAccountName", "employeeNumber", "mail"]) expect(new Set(issuers(attribute)).size).toBe(2);
    expect(directoryIssuerOf(configuration)).not.toBe(directoryIssuerOf({ ...configuration, subjectAttribute: "objectGUID" }));
  });
});
