// One drawer for the page: a link or button with hx-target="#drawer-body" data-drawer="Title" fills and opens it.
export function drawer() {
  return {
    title: "",
    opener: null,
    init() {
      document.addEventListener("htmx:beforeRequest", (event) => {
        const title = event.detail.elt.dataset.drawer;
        if (title !== undefined) { this.title = title; this.opener = event.detail.elt; }
      });
      document.addEventListener("htmx:afterSwap", (event) => {
        if (event.detail.target.id !== "drawer-body") return;
        if (!this.$el.open) this.$el.showModal();
        const field = this.$el.querySelector(".j-drawer-body [data-focus], .j-drawer-body [autofocus], .j-drawer-body input:not([type=hidden]), .j-drawer-body textarea, .j-drawer-body select");
        field?.focus();
      });
      this.$el.addEventListener("close", () => { if (this.opener?.isConnected) this.opener.focus(); });
      document.addEventListener("close-drawer", () => this.shut());
    },
    shut() { if (this.$el.open || this.$root?.open) (this.$root ?? this.$el).close(); },
  };
}
