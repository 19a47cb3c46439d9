import type { SecretChanges } from "@weft/platform/config";
import { Counter, Gauge, Registry } from "prom-client";

/** Metrics of secrets that come from files or a Vault-compatible server. The labels are names of settings. @param changes absent: there are none, or for the documentation */
export function createSecretMetrics(changes?: SecretChanges): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: "weft_secret_readable",
    help: "Whether the source of a secret can be read and its value used, by setting: 1, or 0 while the last value remains in use",
    labelNames: ["setting"],
    registers,
    collect() {
      for (const { name, problem } of changes?.states() ?? []) this.set({ setting: name }, problem === null ? 1 : 0);
    },
  });
  new Gauge({
    name: "weft_secret_lease_seconds",
    help: "Time until the lease of a secret ends, by setting. Negative: it has ended, and could not be replaced. Only of secrets with a lease",
    labelNames: ["setting"],
    registers,
    collect() {
      for (const { name, expiresAt } of changes?.states() ?? []) {
        if (expiresAt !== null) this.set({ setting: name }, (expiresAt - Date.now()) / 1_000);
      }
    },
  });
  new Counter({
    name: "weft_secret_replacements_total",
    help: "Changed secrets, by setting and result: adopted, refused (the start would refuse the value), or after-restart (nothing in this process uses it while it runs)",
    labelNames: ["setting", "result"],
    registers,
    collect() {
      this.reset();
      for (const { name, replacements } of changes?.states() ?? [])
        for (const [result, count] of Object.entries(replacements)) this.inc({ setting: name, result }, count);
    },
  });
  return registry;
}
