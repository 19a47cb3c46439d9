import type { Readable } from "node:stream";
import type { PreviewSize } from "../previews/preview-sizes.js";

/** Bytes of a file from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface WriteOptions {
  /** Called with each chunk that the storage no longer needs. */
  readonly onWritten?: (chunk: Uint8Array) => void;
}

/** Where the bytes of files are. Keys are made by Weft (`fileKey`, `previewKey`), never by users. Failures of the storage itself are SERVICE_UNAVAILABLE. */
export interface FileStorage {
  /**
   * Stores exactly `size` bytes from the source without holding them in memory. All of them are stored durably, or, if the source or the storage
   * fails, none. A failure of the source is thrown as it is.
   */
  write(key: string, source: AsyncIterable<Uint8Array>, size: number, options?: WriteOptions): Promise<void>;
  /** Returns the bytes, or a range of them. Null if there is nothing under the key. */
  read(key: string, range?: ByteRange): Promise<Readable | null>;
  /** Deletes the bytes, and what an interrupted write left of them. Not an error if there are none. */
  delete(key: string): Promise<void>;
  /** Deletes all bytes of a tenant (a UUID). */
  deleteTenant(tenantId: string): Promise<void>;
  /** Throws SERVICE_UNAVAILABLE if the storage cannot be reached. */
  check(): Promise<void>;
  close(): void;
}

/** Place of a file's bytes: its tenant, its ID (UUIDs), and the number of the attempt that stored them. */
export interface FilePlace {
  readonly tenantId: string;
  readonly id: string;
  readonly attempt: number;
}

/** Returns the key of a file. An attempt that has been superseded can thus not overwrite what a later one stored. */
export const fileKey = ({ tenantId, id, attempt }: FilePlace): string => `${tenantId}/${id}.${attempt}`;

/** Returns the key of a preview. */
export const previewKey = (place: FilePlace, size: PreviewSize): string => `${fileKey(place)}.${size.toLowerCase()}`;
