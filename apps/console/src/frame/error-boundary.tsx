import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";

/** What is shown in place of a page that has failed because of a mistake of ours. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="message" role="alert">
        <h2>
          <Trans>Something went wrong on this page.</Trans>
        </h2>
        {error instanceof Error && <p>{error.message}</p>}
        <Button onClick={() => location.reload()}>
          <Trans>Load the page again</Trans>
        </Button>
      </main>
    );
  }
}
