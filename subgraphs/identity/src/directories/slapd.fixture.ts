import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Attribute, Change, Client } from "ldapts";

const program = "/usr/sbin/slapd";
const base = "dc=acme,dc=example";
const people = `ou=people,${base}`;
const groups = `ou=groups,${base}`;
const searcher = `cn=weft,${base}`;
const searcherPassword = `searcher ${randomUUID()}`;

/** A certificate for localhost and its key, as PEM. */
interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** A user of the directory. */
export interface Person {
  readonly uid: string;
  readonly dn: string;
  readonly mail: string;
  readonly password: string;
}

/** OpenLDAP with some entries, which tests add. */
export class Slapd {
  readonly ldapsUrl: string;
  readonly ldapUrl: string;
  /** For WEFT_OUTBOUND_ALLOWED. */
  readonly hosts: string;
  readonly searcherPassword = searcherPassword;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #ca: string;
  readonly #admin: Client;
  #isStopped = false;

  private constructor(
    process: ChildProcess,
    { folder, ports: [ldap, ldaps], ca }: { folder: string; ports: readonly [number, number]; ca: string },
  ) {
    this.#ca = ca;
    this.#process = process;
    this.#folder = folder;
    this.ldapUrl = `ldap://localhost:${ldap}`;
    this.ldapsUrl = `ldaps://localhost:${ldaps}`;
    this.hosts = `localhost:${ldap},localhost:${ldaps}`;
    this.#admin = new Client({ url: `ldap://127.0.0.1:${ldap}` });
  }

  /** Starts a server on free ports, as a child of this process. */
  static async start(tls: Tls): Promise<Slapd> {
    if (!existsSync(program))
      throw new Error(`This test needs OpenLDAP's server, and ${program} is not there. Install the Debian package slapd.`);
    const folder = await mkdtemp(join(tmpdir(), "weft-slapd-"));
    const ports = [await freePort(), await freePort()] as const;
    await writeFile(join(folder, "slapd.conf"), configurationOf(folder));
    await writeFile(join(folder, "cert.pem"), tls.cert);
    await writeFile(join(folder, "key.pem"), tls.key);
    await mkdir(join(folder, "data"));
    const addresses = `ldap://127.0.0.1:${ports[0]}/ ldaps://127.0.0.1:${ports[1]}/`;
    const child = spawn(program, ["-d", "0", "-h", addresses, "-f", join(folder, "slapd.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += String(chunk)));
    const slapd = new Slapd(child, { folder, ports, ca: tls.cert });
    const began = performance.now();
    while (!(await slapd.#isReady())) {
      if (child.exitCode !== null) throw new Error(`slapd has ended: ${said}`);
      if (performance.now() - began > 10_000) throw new Error(`slapd does not answer: ${said}`);
      await delay(20);
    }
    await slapd.#fill();
    return slapd;
  }

  #isReady(): Promise<boolean> {
    return this.#admin.bind(`cn=admin,${base}`, "admin").then(
      () => true,
      () => false,
    );
  }

  async #fill(): Promise<void> {
    await this.#admin.add(base, { objectClass: ["dcObject", "organization"], dc: "acme", o: "Acme" });
    for (const unit of [people, groups])
      await this.#admin.add(unit, { objectClass: "organizationalUnit", ou: unit.slice(3, unit.indexOf(",")) });
    await this.#admin.add(searcher, {
      objectClass: ["organizationalRole", "simpleSecurityObject"],
      cn: "weft",
      userPassword: searcherPassword,
    });
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#admin.unbind();
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Adds a user whose address is of this domain. */
  async person(domain: string, more: Readonly<Record<string, string | string[]>> = {}): Promise<Person> {
    const uid = `u${randomUUID().slice(0, 13)}`;
    const { uid: uids = uid, mail = `${uid}@${domain}`, ...attributes } = more;
    const person = { uid, dn: `uid=${uid},${people}`, mail: String(mail), password: `directory ${randomUUID()}` };
    const classes = { objectClass: "inetOrgPerson", cn: "Ada Lovelace", sn: "Lovelace", employeeType: "active" };
    const all = {
      ...classes,
      uid: [uid, ...[uids].flat().filter((each) => each !== uid)],
      mail,
      userPassword: person.password,
      ...attributes,
    };
    await this.#admin.add(person.dn, all);
    return person;
  }

  /** Replaces the values of an attribute. None: removes it. */
  async set({ dn }: { readonly dn: string }, type: string, values: string[]): Promise<void> {
    await this.#admin.modify(dn, new Change({ operation: "replace", modification: new Attribute({ type, values }) }));
  }

  async remove({ dn }: Person): Promise<void> {
    await this.#admin.del(dn);
  }

  /** Makes a group with these members. Returns its DN. */
  async group(cn: string, members: readonly Person[]): Promise<{ dn: string }> {
    const dn = `cn=${cn},${groups}`;
    await this.#admin.add(dn, { objectClass: "groupOfNames", cn, member: members.map((each) => each.dn) });
    return { dn };
  }

  /** Settings of a provider. */
  settings(more: object = {}) {
    return {
      url: this.ldapsUrl,
      ca: this.#ca,
      bindDn: searcher,
      bindPassword: searcherPassword,
      searchBase: people,
      userFilter: "(&(objectClass=inetOrgPerson)(employeeType=active)(|(uid={login})(mail={login})))",
      verifiesEmail: true,
      groupSearchBase: groups,
      groupFilter: "(&(objectClass=groupOfNames)(member={dn}))",
      ...more,
    };
  }
}

/** Only the account that searches can read, and nobody can read passwords. Like many servers, it takes a bind with an empty password for an anonymous one. */
const configurationOf = (folder: string): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCertificateFile ${folder}/cert.pem
TLSCertificateKeyFile ${folder}/key.pem
pidfile ${folder}/slapd.pid
allow bind_anon_dn
database mdb
suffix "${base}"
rootdn "cn=admin,${base}"
rootpw admin
directory ${folder}/data
maxsize 16777216
dbnosync
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${searcher}" read by anonymous auth by * none
`;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
