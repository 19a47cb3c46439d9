/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where Weft is, from `.env`. */
  readonly VITE_WEFT_URL: string;
}
