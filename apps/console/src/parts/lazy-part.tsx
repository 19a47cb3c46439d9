import { Trans } from "@lingui/react/macro";
import { Component, lazy, Suspense, type ComponentType, type ReactNode } from "react";

/** A part of the console was not loaded: its file belongs to a version before an update of Weft, or there is no connection. */
class PartNotLoadedError extends Error {}

/** A component that is loaded when it is first shown, in a `LazyPart`. */
export const lazyPart = <Props extends object>(load: () => Promise<ComponentType<Props>>) =>
  lazy(async () => {
    try {
      return { default: await load() };
    } catch (cause) {
      throw new PartNotLoadedError("A part of the console could not be loaded. Reload the page.", { cause });
    }
  });

interface LazyPartProps {
  readonly children: ReactNode;
  /** Shown while the part is loaded. */
  readonly fallback?: ReactNode;
}

/** Surrounds components that are loaded when they are first shown. If one cannot be loaded, the rest of the page stays, and the user reloads it when they want. */
export class LazyPart extends Component<LazyPartProps, { readonly error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error("A part of the console has failed.", { cause: error }) };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return <Suspense fallback={this.props.fallback}>{this.props.children}</Suspense>;
    if (!(error instanceof PartNotLoadedError)) throw error;
    return (
      <p role="alert" className="notice warn">
        <Trans>This could not be loaded. A newer version may be available.</Trans>{" "}
        <button type="button" className="link" onClick={() => location.reload()}>
          <Trans>Reload</Trans>
        </button>
      </p>
    );
  }
}
