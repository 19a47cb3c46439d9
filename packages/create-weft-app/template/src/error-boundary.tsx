import { Component, type ReactNode } from "react";

interface Props {
  readonly children: ReactNode;
}

/** Replaces the application after an unexpected error, which would otherwise leave an empty page. React logs the error. */
export class ErrorBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="login">
        <section className="card" role="alert">
          <h1>Something went wrong</h1>
          <p>This page can't be shown. Reload it to try again.</p>
          <button type="button" className="primary" onClick={() => location.reload()}>
            Reload the page
          </button>
        </section>
      </main>
    );
  }
}
