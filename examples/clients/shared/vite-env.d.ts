interface ImportMetaEnv {
  /** Where Weft listens; http://127.0.0.1:4000 when it is not set. */
  readonly VITE_WEFT_URL?: string;
}
