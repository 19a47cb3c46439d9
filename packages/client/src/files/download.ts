import type { WeftClient } from "../client.js";
import { NetworkError, NotFoundError, WeftError } from "../errors.js";
import { refusalOf } from "./refusal.js";
import { downloadOf } from "../requests/operations.js";

interface Found {
  readonly file: { readonly name: string; readonly download: { readonly url: string } | null } | null;
}

export interface Downloaded {
  readonly name: string;
  readonly blob: Blob;
}

/**
 * Loads the bytes of a file.
 *
 * @throws NotFoundError if it does not exist, the user cannot see it, or it is still being scanned
 */
export async function downloadFile(
  client: WeftClient,
  id: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Downloaded> {
  const { file } = await client.query<Found>(downloadOf, { id }, { signal });
  if (!file?.download) throw new NotFoundError({ message: "The file does not exist, or is not ready.", extensions: { code: "NOT_FOUND" } });
  const url = client.resolve(file.download.url);
  const blob = await client.repeating(async () => {
    try {
      const response = await client.fetch(url, signal ? { signal } : {});
      if (!response.ok) throw refusalOf(response.status, await response.text());
      return await response.blob();
    } catch (cause) {
      signal?.throwIfAborted();
      throw cause instanceof WeftError ? cause : new NetworkError("The file could not be loaded.", { cause });
    }
  }, signal);
  return { name: file.name, blob };
}
