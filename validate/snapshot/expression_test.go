package snapshot

import "testing"

// TestNoScriptIsShown: words of a path are renamed in whatever script they are.
func TestNoScriptIsShown(t *testing.T) {
	a := &anonymiser{salt: saltOf("s"), memo: map[string]string{}}
	got := a.path(`/käufer/покупка/購入/a[bc]\.x`)
	if want := "/" + a.hashed("käufer") + "/" + a.hashed("покупка") + "/" + a.hashed("購入") + `/a[bc]\.x`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
