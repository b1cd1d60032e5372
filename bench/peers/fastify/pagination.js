// Length-aware pagination: links and meta of a page.

export function paginate(path, page, limit, shown, total) {
  const last = Math.max(1, Math.ceil(total / limit));
  const url = (number) => `${path}?page=${number}`;
  const prev = page > 1 ? url(page - 1) : null;
  const next = page < last ? url(page + 1) : null;
  const buttons = pageWindow(page, last).map((number) =>
    number === null
      ? { url: null, label: "...", active: false }
      : { url: url(number), label: String(number), active: number === page },
  );
  const firstRow = (page - 1) * limit + 1;
  return {
    links: { first: url(1), last: url(last), prev, next },
    meta: {
      current_page: page,
      from: shown ? firstRow : null,
      last_page: last,
      links: [
        { url: prev, label: "&laquo; Previous", active: false },
        ...buttons,
        { url: next, label: "Next &raquo;", active: false },
      ],
      path,
      per_page: limit,
      to: shown ? firstRow + shown - 1 : null,
      total,
    },
  };
}

// The page numbers to list; null is a gap.
function pageWindow(page, last) {
  if (last <= 13) return range(1, last);
  if (page <= 7) return [...range(1, 10), null, last - 1, last];
  if (page > last - 7) return [1, 2, null, ...range(last - 9, last)];
  return [1, 2, null, ...range(page - 3, page + 3), null, last - 1, last];
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}
