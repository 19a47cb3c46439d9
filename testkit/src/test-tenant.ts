import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { WrittenMail } from "./mails.js";
import { TestUser } from "./test-user.js";

interface NewAdmin {
  readonly email: string;
  readonly username: string;
  readonly name: string;
  readonly password: string;
}

interface Opened {
  readonly url: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly name: string;
  readonly admin: NewAdmin;
  readonly mails?: ((address: string) => Promise<WrittenMail[]>) | undefined;
  readonly platform?: (() => Promise<TestPlatform>) | undefined;
}

/** The tenant of the installation's operators. */
export interface TestPlatform {
  readonly tenant: TestTenant;
  readonly operator: TestUser;
  /** Returns a user with which the operator acts in a tenant for ten minutes. */
  actAs(tenant: TestTenant, operator?: TestUser): Promise<TestUser>;
}

export interface UserOptions {
  /** Role keys in addition to the first one. */
  readonly roles?: readonly string[];
  readonly teams?: readonly string[];
  readonly name?: string;
}

/** A tenant for a test. Creates its users and objects through the public API, as the tenant's administrator. */
export class TestTenant {
  /** UUID */
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly admin: TestUser;
  /** Returns the mails sent to an address so far, oldest first. */
  readonly mails: (address: string) => Promise<WrittenMail[]>;
  /** Returns the platform of the same Weft. */
  readonly platform: () => Promise<TestPlatform>;
  readonly #url: string;
  #made = 0;

  private constructor({ url, tenantId, slug, name, mails, platform }: Omit<Opened, "admin">, admin: TestUser) {
    this.id = tenantId;
    this.slug = slug;
    this.name = name;
    this.admin = admin;
    this.mails = mails ?? (() => Promise.reject(new Error("This tenant was opened without its mails.")));
    this.platform = platform ?? (() => Promise.reject(new Error("This tenant was opened without its platform.")));
    this.#url = url;
  }

  static async open(opened: Opened): Promise<TestTenant> {
    return new TestTenant(opened, await TestUser.login(opened.url, opened.admin.email, opened.admin.password));
  }

  /** Returns the same tenant at another Weft with a clone of the database. */
  async at({ url, mails, platform }: Pick<Opened, "url" | "mails" | "platform">): Promise<TestTenant> {
    const opened = { url, tenantId: this.id, slug: this.slug, name: this.name, mails, platform };
    const tenant = new TestTenant(opened, await this.admin.at(url));
    tenant.#made = this.#made;
    return tenant;
  }

  /** Creates a user with a built-in role and logs in. */
  async user(role: string, { roles = [], teams = [], name }: UserOptions = {}): Promise<TestUser> {
    return this.#createUser({ name: name ?? `${role} ${this.#made + 1}`, roleKeys: [role, ...roles], teamKeys: teams, type: "EMPLOYEE" });
  }

  /** Creates a vendor and one of its users, who is logged in. */
  async vendor(name = "Vendor"): Promise<{ id: string; user: TestUser }> {
    const code = `V${++this.#made}`;
    const { createVendor } = await this.admin.run<{ createVendor: { vendor: { id: string } } }>(seedOperations.createVendor, {
      input: { code, name },
    });
    const { id } = createVendor.vendor;
    return { id, user: await this.#createUser({ name: `Person of ${name}`, roleKeys: ["vendor_user"], type: "VENDOR", vendorId: id }) };
  }

  /** Creates a role for all users. Returns its ID. */
  async role(key: string, permissions: readonly string[], scope = "TENANT"): Promise<string> {
    const { createRole } = await this.admin.run<{ createRole: { role: { id: string } } }>(
      "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
      { input: { key, name: key, permissions: permissions.map((permission) => ({ permission, scope })) } },
    );
    return createRole.role.id;
  }

  /** Creates an employee who sees only what is assigned to them, and logs in. */
  async assignee(options: UserOptions = {}): Promise<TestUser> {
    const key = `assignee_${++this.#made}`;
    await this.role(key, ["request.read", "workflow.read", "task.read"], "ASSIGNED");
    return this.user(key, options);
  }

  async team(key: string): Promise<string> {
    const { createTeam } = await this.admin.run<{ createTeam: { team: { id: string } } }>(seedOperations.createTeam, {
      input: { key, name: key },
    });
    return createTeam.team.id;
  }

  /** Creates and publishes a definition from its text. Returns its ID. */
  async definition(source: string): Promise<string> {
    const { createDefinition } = await this.admin.run<{ createDefinition: { definition: { id: string } } }>(
      seedOperations.createDefinition,
      { input: { source } },
    );
    // Tests create users as needed, so warnings are accepted.
    await this.admin.run(seedOperations.publishDefinition, { input: { id: createDefinition.definition.id, acceptWarnings: true } });
    return createDefinition.definition.id;
  }

  /** Publishes the maintenance request of `examples/definitions` and creates its request type `maintenance`, a building and an asset in it. */
  async maintenance(): Promise<{ definitionId: string; typeId: string; buildingId: string; assetId: string }> {
    const definitionId = await this.definition(await loadExampleDefinition("maintenance-request"));
    const input = {
      key: "maintenance",
      name: "Maintenance",
      definitionKey: "maintenance-request",
      numberPrefix: "MR",
      fields: ["summary", "estimate"],
    };
    const { createRequestType } = await this.admin.run<{ createRequestType: { requestType: { id: string } } }>(
      seedOperations.createRequestType,
      { input },
    );
    const { createBuilding } = await this.admin.run<{ createBuilding: { building: { id: string } } }>(seedOperations.createBuilding, {
      input: { code: "HQ", name: "Headquarters" },
    });
    const { createAsset } = await this.admin.run<{ createAsset: { asset: { id: string } } }>(seedOperations.createAsset, {
      input: { buildingId: createBuilding.building.id, tag: "ELV-1", name: "Elevator", type: "elevator" },
    });
    return {
      definitionId,
      typeId: createRequestType.requestType.id,
      buildingId: createBuilding.building.id,
      assetId: createAsset.asset.id,
    };
  }

  async #createUser(input: Record<string, unknown>): Promise<TestUser> {
    const login = `u${++this.#made}@${this.slug}.example`;
    const password = "a quiet river 42";
    await this.admin.run(seedOperations.createUser, {
      input: { email: login, username: `u${this.#made}-${this.slug}`, password, ...input },
    });
    return TestUser.firstLogin(this.#url, login, password);
  }
}
