import type { ApiClient } from "../api-client.js";
import { seedOperations } from "./seed-operations.js";

/** Lets the automations of a demo organization run programs. Its start has a sandbox for them if the machine has bubblewrap. `admin`: its administrator. */
export async function allowPrograms(admin: ApiClient): Promise<void> {
  const patch = { automation: { securityProfile: "elevated" } };
  await admin.run(seedOperations.updateConfiguration, { input: { patch, message: "Programs of a demo" } });
}
