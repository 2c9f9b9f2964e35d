"""Words and references: what its words say."""

from fbviz.chapters.rooms import chapters
from tests.claims.claim import chapter

says = chapter("words")


@says("it decides everything (chapter {})")
def where_a_spare_output_decides(seen):
    return [next(lesson.order for lesson in chapters("en") if lesson.slug == "closing-the-loop")]
