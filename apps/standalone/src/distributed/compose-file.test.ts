import { existsSync, readFileSync } from "node:fs";
import { loadConfig, subgraphNames } from "@weft/platform/config";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

// These tests do not need Docker. They read the file as Docker would, and compare it with the build's output and with the settings.

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}

const root = new URL("../../../../", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, root), "utf8");
const text = read("docker-compose.yml");
const secrets = read("docker-compose.env.example")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const withSecrets = secrets.reduce(
  (file, line) => file.replaceAll(new RegExp(`\\$\\{${line.replace("=", "")}:\\?[^}]*\\}`, "g"), "0123456789abcdef"),
  text,
);
const { services } = parse(withSecrets, { merge: true }) as { services: Readonly<Record<string, Service>> };
const ours = Object.entries(services).filter(([, { image }]) => image === "weft:local");
const serving = [...subgraphNames, "worker", "gateway"];

/** Returns the program of a container. */
const programOf = ({ command, entrypoint }: Service): string => (entrypoint ?? command ?? []).find((part) => part.endsWith(".js")) ?? "";
const settingNames = [...read(".env.example").matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);

describe("docker-compose.yml", () => {
  test("defines PostgreSQL 18, Redis, the five subgraphs, a worker and the gateway", () => {
    expect(Object.keys(services).toSorted()).toEqual(["postgres", "redis", "keys", "tenant", "migrate", ...serving].toSorted());
    expect(services["postgres"]?.image).toBe("postgres:18");
    expect(services["redis"]?.image).toMatch(/^redis:/);
  });

  test("starts programs that the build produces", () => {
    const programs = [...ours.map(([, service]) => programOf(service)), /"([^"]+\.js)"\]/.exec(read("Dockerfile"))?.[1] ?? ""];
    const sources = [...read("scripts/bundle/programs.ts").matchAll(/"?([\w-]+)"?: "([^"]+)\/dist\/([^"]+)\.js"/g)];
    const built = new Map(sources.map(([, name, folder, file]) => [`dist/${name}.js`, new URL(`${folder}/src/${file}.ts`, root)]));
    expect(programs.filter((program) => !built.has(program))).toEqual([]);
    expect([...built.values()].filter((source) => !existsSync(source))).toEqual([]);
    for (const name of subgraphNames) expect(programOf(services[name] ?? {})).toBe(`dist/${name}.js`);
  });

  test("uses only existing settings, with values that production accepts", () => {
    for (const [name, { environment = {} }] of ours) {
      expect([name, Object.keys(environment).filter((setting) => !settingNames.includes(setting))]).toEqual([name, []]);
      expect(loadConfig(environment).mode).toBe("production");
    }
  });

  test("has no default secrets: each one is required, and passwords contain nothing else", () => {
    expect(secrets.every((line) => /^[A-Z_]+=$/.test(line))).toBe(true);
    const used = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, inner = ""]) => inner);
    expect(used.filter((inner) => !/^[A-Z_]+:\?/.test(inner))).toEqual([]);
    expect([...new Set(used.map((inner) => `${inner.split(":?")[0] ?? ""}=`))].toSorted()).toEqual(secrets.toSorted());
    const passwords = [...text.matchAll(/:\/\/[^\s@/]*:(?<password>[^\s@]+)@/g)].map(({ groups }) => groups?.["password"] ?? "");
    expect(passwords.filter((password) => !password.startsWith("${"))).toEqual([]);
    for (const file of [".gitignore", ".dockerignore"])
      expect(read(file).split("\n")).toEqual(expect.arrayContaining([".env", "weft.env"]));
  });

  test("checks the health of every serving process at the port it listens on", () => {
    for (const name of serving) {
      const { environment = {}, healthcheck } = services[name] ?? {};
      const asked = new URL(/fetch\('([^']+)'\)/.exec(healthcheck?.test?.join(" ") ?? "")?.[1] ?? "http://none");
      expect([name, asked.port, asked.pathname]).toEqual([
        name,
        environment[name === "gateway" ? "PORT" : "WEFT_SUBGRAPH_PORT"],
        name === "gateway" ? "/health/ready" : "/health/live",
      ]);
    }
    for (const name of ["postgres", "redis"]) expect(services[name]?.healthcheck?.test).toBeDefined();
  });

  test("publishes only the API, and keeps the operators' port with metrics inside its network", () => {
    expect(Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))).toEqual([
      "gateway 127.0.0.1:4000:4000",
    ]);
    expect(loadConfig(services["gateway"]?.environment ?? {})).toMatchObject({ port: 4000, management: { host: "0.0.0.0", port: 9464 } });
  });

  test("configures the gateway with the subgraphs' addresses, and starts nothing before the migrations", () => {
    const { subgraphUrls, subgraphPort } = loadConfig(services["gateway"]?.environment ?? {});
    expect(subgraphUrls).toEqual(Object.fromEntries(subgraphNames.map((name) => [name, `http://${name}:${subgraphPort}/graphql`])));
    for (const name of serving) expect(services[name]?.depends_on?.["migrate"]).toEqual({ condition: "service_completed_successfully" });
    expect(services["migrate"]?.environment?.["DATABASE_OWNER_URL"]).toMatch(/@postgres:5432\/weft$/);
  });

  test("gives PostgreSQL as many connections as the processes can open, and mounts the keys read-only", () => {
    const { database } = loadConfig(services["gateway"]?.environment ?? {});
    const wanted = Object.values(database.pools).reduce((sum, size) => sum + size, 0) * database.processes;
    const [, max] = /max_connections=(\d+)/.exec(services["postgres"]?.command?.join(" ") ?? "") ?? [];
    expect(database.processes).toBeGreaterThanOrEqual(serving.length);
    expect(wanted).toBeLessThan(Number(max) - 3);
    for (const [name, { volumes = [] }] of ours)
      expect([name, volumes.filter((volume) => volume.startsWith("keys:"))]).toEqual([
        name,
        [name === "keys" ? "keys:/var/lib/weft" : "keys:/var/lib/weft:ro"],
      ]);
  });

  test("keeps the list of erased people of workers in a volume of its own, and gives no other process another volume", () => {
    const { erasures } = loadConfig(services["worker"]?.environment ?? {});
    expect(erasures.isPlaceMissing).toBe(false);
    const others = ours.flatMap(([name, { volumes = [] }]) =>
      volumes.filter((volume) => !volume.startsWith("keys:")).map((volume) => [name, volume]),
    );
    expect(others).toEqual([["worker", `erasures:${erasures.folder}`]]);
    expect(read("Dockerfile")).toContain(erasures.folder);
  });
});
