"""From a film to its shots: each method watches the single pass over the film and says where it was cut."""
