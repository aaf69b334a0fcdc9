interface PagerProps {
  page: number;
  totalPages: number;
  onPage: (page: number) => void;
}

export function Pager(props: PagerProps) {
  const isFirst = () => props.page <= 1;
  const isLast = () => props.page >= props.totalPages;
  return (
    <nav class="pager" aria-label="Pages">
      <button
        class="button"
        type="button"
        aria-disabled={isFirst()}
        // The list may have become shorter than the current page.
        onClick={() => isFirst() || props.onPage(Math.max(1, Math.min(props.page - 1, props.totalPages)))}
      >
        Previous
      </button>
      <span>
        Page <span class="number">{props.page}</span> of <span class="number">{props.totalPages}</span>
      </span>
      <button
        class="button"
        type="button"
        aria-disabled={isLast()}
        onClick={() => isLast() || props.onPage(props.page + 1)}
      >
        Next
      </button>
    </nav>
  );
}
