/** Result of a scan: the name of the malware that was found, or null. */
export interface ScanResult {
  readonly malware: string | null;
}

/** Looks for malware in files before anyone can download them. */
export interface MalwareScanner {
  /** Scans the bytes. Throws SERVICE_UNAVAILABLE if the scanner cannot be reached or gives no clear answer: the file is then not cleared. */
  scan(source: AsyncIterable<Uint8Array>): Promise<ScanResult>;
  /** Throws SERVICE_UNAVAILABLE if the scanner does not respond. */
  check(): Promise<void>;
}
