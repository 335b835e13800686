"""How well texts are understood: a labelled corpus, judged family by family."""
