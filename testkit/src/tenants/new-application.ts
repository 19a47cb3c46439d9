import { fresh } from "../fresh.js";
import type { TestUser } from "../test-user.js";

type Runner = Pick<TestUser, "run">;

export const applicationInput = () => ({ key: fresh("app"), name: "An application" });

/** Creates an application. Returns its ID. */
export async function newApplication(who: Runner): Promise<string> {
  const { createApplication } = await who.run<{ createApplication: { application: { id: string } } }>(
    "mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }",
    { input: applicationInput() },
  );
  return createApplication.application.id;
}

/** A manifest in the format of GraphQL Code Generator, with one operation that no other one has. */
export const aManifest = (): string => JSON.stringify({ [fresh("document")]: "query Mine { me { id } }" });

/** Stores an operation of an application. Returns the ID of the version. */
export async function newOperations(who: Runner, applicationId: string, manifest = aManifest()): Promise<string> {
  const { pushOperations } = await who.run<{ pushOperations: { manifest: { id: string } } }>(
    "mutation ($input: PushOperationsInput!) { pushOperations(input: $input) { manifest { id } } }",
    { input: { applicationId, manifest } },
  );
  return pushOperations.manifest.id;
}
