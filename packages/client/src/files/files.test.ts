import { aMaintenanceTenant, sharedWeft, type MaintenanceTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createWeftClient, downloadFile, NotFoundError, UploadRejectedError, uploadFile, type WeftClient } from "../index.js";

let weft: SharedWeft;
let tenant: MaintenanceTenant;
let client: WeftClient;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await aMaintenanceTenant(weft);
  client = createWeftClient({ url: weft.url, apiKey: tenant.operations.token });
});

const attach = "mutation Attach($input: AttachFileInput!) { attachFile(input: $input) { attachment { file { id } } } }";
const text = (content: string, name = "notes.txt"): File => new File([content], name, { type: "text/plain" });

test("a file is sent with its progress, attached, and loaded again", async () => {
  const sent: number[] = [];
  const content = "The elevator grinds. ".repeat(5_000);
  const { id } = await uploadFile(client, text(content), { onProgress: ({ sentBytes }) => sent.push(sentBytes) }).done;
  expect(sent.at(-1)).toBe(content.length);
  const request = await tenant.request("triage");
  await client.mutate(attach, { input: { fileId: id, objectId: request.id } });
  const { name, blob } = await downloadFile(client, id);
  expect([name, await blob.text()]).toEqual(["notes.txt", content]);
});

test("a file that is paused is sent whole when it is resumed", async () => {
  const upload = uploadFile(client, text("Paused."));
  upload.pause();
  const early = await Promise.race([upload.done.then(() => "done"), new Promise((resolve) => setTimeout(resolve, 300, "waiting"))]);
  expect(early).toBe("waiting");
  upload.resume();
  const { id } = await upload.done;
  expect(await (await downloadFile(client, id)).blob.text()).toBe("Paused.");
});

test("a file that is cancelled is not sent", async () => {
  const upload = uploadFile(client, text("Cancelled."));
  upload.cancel();
  await expect(upload.done).rejects.toThrow(/abort/i);
});

test("a file whose content Weft does not accept is an UploadRejectedError", async () => {
  await expect(uploadFile(client, text("echo", "run.bat")).done).rejects.toThrow(UploadRejectedError);
});

test("the file of another tenant is not found", async () => {
  const { id } = await uploadFile(client, text("Ours.")).done;
  const other = createWeftClient({ url: weft.url, apiKey: (await weft.tenant()).admin.token });
  onTestFinished(() => other.close());
  await expect(downloadFile(other, id)).rejects.toThrow(NotFoundError);
});
