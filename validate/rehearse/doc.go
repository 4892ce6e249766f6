// Package rehearse leaves a CNI on paper: it reads a snapshot, translates and validates its policies, compares both
// sets over every connection, translates back, and says in one verdict what would happen, with all that led to it.
//
// A Result is data and nothing else: what prints it, or draws it, needs nothing of this package but the types.
package rehearse
